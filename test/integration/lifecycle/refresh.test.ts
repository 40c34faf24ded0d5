import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../../support/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { alice, bob, startProvider } from '../../support/provider.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'
import {
  check,
  setCookies,
  signedIn,
  startService,
  testEachSharedStore,
  testEachStore,
  tokenRequests,
  type Service,
} from './harness.ts'

const second = 1000
const minute = 60 * second

testEachStore('50 checks at once refresh once, and all of them pass', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const settings = { ...store, cookie_refresh: '10m', log_level: 'debug' }
  const service = await startService(t, provider, settings, clock)
  const agent = await signedIn(service)
  const oldCookie = cookieOf(agent, service)
  const before = tokenRequests(provider)

  clock.advance(11 * minute)
  const replies = await Promise.all(Array.from({ length: 50 }, () => check(agent, service)))
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([202]))
  await eventually(() => assert.ok(isRefreshed(service)))
  assert.equal(tokenRequests(provider), before + 1)
  const isInCookie = store['session_store_type'] === 'cookie'
  const told = new Set(replies.flatMap(setCookies))
  assert.equal(told.size, isInCookie ? 1 : 0, 'who is told of a new cookie is told of the same')
  for (const reply of replies) assert.ok(setCookies(reply).length <= 1)

  const late = await checkWith(oldCookie, service)
  assert.equal(late.status, 202, 'the old cookie still stands')
  assert.deepEqual(setCookies(late), [...told])
  const next = await check(agent, service)
  assert.equal(next.status, 202)
  assert.deepEqual(setCookies(next), [])
  assert.equal(tokenRequests(provider), before + 1)

  clock.advance(11 * minute)
  assert.equal((await check(agent, service)).status, 202)
  await eventually(() => assert.ok(isRefreshed(service, 2)))
  assert.equal(tokenRequests(provider), before + 2, 'with the refresh token of the refresh before')
})

testEachStore('a refresh brings new tokens and what the provider says now', async (t, store) => {
  const users = [alice]
  const provider = await startProvider(t, { users })
  const clock = fakeClock(Date.now())
  const settings = { cookie_refresh: '10m', set_xauthrequest: true, pass_access_token: true }
  const service = await startService(t, provider, { ...store, ...settings }, clock)
  const agent = await signedIn(service)
  const first = await check(agent, service, '?allowed_groups=admin')
  assert.equal(first.status, 202)
  users[0] = { ...alice, groups: ['dev'] }
  assert.equal((await check(agent, service, '?allowed_groups=admin')).status, 202)
  clock.advance(11 * minute)
  await eventually(async () => {
    assert.equal((await check(agent, service, '?allowed_groups=admin')).status, 403)
  })
  const second = await check(agent, service)
  assert.equal(second.headers['x-auth-request-groups'], 'dev')
  const token = 'x-auth-request-access-token'
  assert.notEqual(second.headers[token], first.headers[token])
})

testEachStore('a refresh that the provider refuses ends that one session', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const service = await startService(t, provider, { ...store, cookie_refresh: '10m' }, clock)
  const ended = await signedIn(service, alice)
  const oldCookie = cookieOf(ended, service)
  provider.revokeRefreshTokens()
  const living = await signedIn(service, bob)

  clock.advance(11 * minute)
  await eventually(async () => {
    const [refused, ...others] = await Promise.all([
      check(ended, service),
      check(living, service),
      check(living, service),
    ])
    for (const { status } of others) assert.equal(status, 202)
    assert.equal(refused.status, 401)
  })
  assert.equal((await checkWith(oldCookie, service)).status, 401, 'a copy of the cookie, too')
  const line = service.logs().find(({ msg }) => msg === 'session-ended')
  assert.equal(line?.['reason'], 'refresh-rejected')
  assert.equal(line['user'], alice.sub)

  await ended.visit(service.at('/oauth2/start?rd=/app'))
  assert.equal((await check(ended, service)).status, 202, 'a new sign-in is all it takes')
})

testEachStore('SEC-49: a provider that is down ends no session', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const service = await startService(t, provider, { ...store, cookie_refresh: '10m' }, clock)
  const agent = await signedIn(service)
  const oldCookie = cookieOf(agent, service)
  provider.setDown(true)

  clock.advance(11 * minute)
  const before = tokenRequests(provider)
  for (let round = 0; round < 20; round += 1) {
    assert.equal((await check(agent, service)).status, 202, 'the access token is still good')
  }
  const said = 'refreshes fail, sessions are kept'
  await eventually(() => assert.match(service.logText(), new RegExp(said)))
  for (let round = 0; round < 20; round += 1) await check(agent, service)
  assert.equal(tokenRequests(provider), before + 1, 'a provider in trouble is left alone')

  clock.advance(60 * minute)
  for (let round = 0; round < 3; round += 1) {
    const reply = await check(agent, service)
    assert.equal(reply.status, 503)
    assert.deepEqual(setCookies(reply), [])
    clock.advance(10 * second)
  }
  assert.equal(cookieOf(agent, service), oldCookie)
  assert.equal(service.logs().filter(({ msg }) => msg === said).length, 1, 'said once')

  provider.setDown(false)
  clock.advance(minute)
  const recovered = await check(agent, service)
  assert.equal(recovered.status, 202)
  assert.equal((await check(agent, service)).status, 202)
})

testEachSharedStore('SEC-14: a client secret that went wrong ends no session', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const settings = { ...store, cookie_refresh: '10m' }
  const agent = await signedIn(await startService(t, provider, settings, clock))
  const wrong = { ...settings, client_secret: 'not-the-client-secret' }
  const service = await startService(t, provider, wrong, clock)

  clock.advance(11 * minute)
  assert.equal((await check(agent, service)).status, 202)
  clock.advance(60 * minute)
  const reply = await check(agent, service)
  assert.equal(reply.status, 503)
  assert.deepEqual(setCookies(reply), [])
  assert.match(service.logText(), /invalid_client|status 401/)

  const right = await startService(t, provider, settings, clock)
  assert.equal((await check(agent, right)).status, 202)
})

testEachStore('SEC-29: refreshes do not move the end of a session', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const log_level = 'debug'
  const settings = { ...store, cookie_refresh: '10m', cookie_expire: '1h', log_level }
  const service = await startService(t, provider, settings, clock)
  const agent = await signedIn(service)
  for (let round = 0; round < 5; round += 1) {
    clock.advance(11 * minute)
    const reply = await check(agent, service)
    assert.equal(reply.status, 202)
    const maxAge = /Max-Age=(\d+)/.exec(setCookies(reply).join())?.[1]
    if (maxAge !== undefined) assert.ok(Number(maxAge) <= 3600 - (round + 1) * 660)
    await eventually(() => assert.ok(isRefreshed(service, round + 1)))
  }
  clock.advance(6 * minute)
  const before = tokenRequests(provider)
  assert.equal((await check(agent, service)).status, 401)
  assert.equal(tokenRequests(provider), before)
})

testEachStore('without cookie_refresh tokens are not looked at again', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const service = await startService(t, provider, store, clock)
  const agent = await signedIn(service)
  provider.setDown(true)
  const before = tokenRequests(provider)
  clock.advance(24 * 60 * minute)
  assert.equal((await check(agent, service)).status, 202)
  assert.equal(tokenRequests(provider), before)
})

test('a refresh on an open route reaches the browser though the query refuses the person', async (t) => {
  const clock = fakeClock(Date.now())
  const settings = { cookie_refresh: '10m', skip_auth_routes: ['^/open$'] }
  const service = await startService(t, await startProvider(t), settings, clock)
  const agent = await signedIn(service)
  clock.advance(11 * minute)
  const headers = { 'x-original-url': 'http://app.example.com/open' }
  const query = '?allowed_groups=none'
  const reply = await agent.request(service.at(`/oauth2/auth${query}`), { headers })
  assert.equal(reply.status, 202)
  assert.equal(reply.headers['gap-auth'], undefined)
  assert.equal(setCookies(reply).length, 1)
  clock.advance(2 * minute)
  assert.equal((await check(agent, service)).status, 202)
})

testEachStore(
  'a refusal when the token is over takes the cookie away at once',
  async (t, store) => {
    const provider = await startProvider(t)
    const clock = fakeClock(Date.now())
    const service = await startService(t, provider, { ...store, cookie_refresh: '10m' }, clock)
    const agent = await signedIn(service)
    provider.revokeRefreshTokens()
    clock.advance(61 * minute)
    const refused = await check(agent, service)
    assert.equal(refused.status, 401)
    assert.match(setCookies(refused).join('\n'), /^_oauth2_proxy=; Max-Age=0;/)
  },
)

test('tokens are refreshed before they end, each ahead of its own end', async (t) => {
  for (const [ttl, settings, dueAfter] of [
    [{ AccessToken: 1800 }, { access_token_refresh_before: '3m' }, 27 * minute],
    [{ IdToken: 1200 }, { id_token_refresh_before: '2m' }, 18 * minute],
  ] as const) {
    const provider = await startProvider(t, { ttl })
    const clock = fakeClock(Date.now())
    const common = { session_store_type: 'memory', cookie_refresh: '24h', log_level: 'debug' }
    const service = await startService(t, provider, { ...common, ...settings }, clock)
    const agent = await signedIn(service)
    const before = tokenRequests(provider)
    clock.advance(dueAfter - minute)
    assert.equal((await check(agent, service)).status, 202)
    assert.equal(tokenRequests(provider), before)
    clock.advance(minute + 5 * second)
    assert.equal((await check(agent, service)).status, 202)
    await eventually(() => assert.ok(isRefreshed(service)))
    assert.equal(tokenRequests(provider), before + 1)
    assert.equal((await check(agent, service)).status, 202)
    assert.equal(tokenRequests(provider), before + 1)
  }
})

test('checks do not wait for a provider that hangs while the token is good', async (t) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const settings = { session_store_type: 'memory', cookie_refresh: '10m', log_level: 'debug' }
  const service = await startService(t, provider, settings, clock)
  const agent = await signedIn(service)
  const answer = provider.holdAnswers()
  clock.advance(11 * minute)
  for (let round = 0; round < 5; round += 1) {
    assert.equal((await check(agent, service)).status, 202)
  }
  assert.equal(isRefreshed(service), false)
  answer()
  await eventually(() => assert.ok(isRefreshed(service)))
  assert.equal((await check(agent, service)).status, 202)
})

/** Did that many refreshes succeed, by the log? */
function isRefreshed(service: Service, times = 1): boolean {
  return service.logs().filter(({ msg }) => msg === 'session refreshed').length >= times
}

function cookieOf(agent: UserAgent, service: Service): string {
  return agent.cookies.header(new URL(service.at('/'))) ?? ''
}

/** As a request that was on its way with this cookie. */
function checkWith(cookie: string, service: Service): Promise<Reply> {
  return createUserAgent().request(service.at('/oauth2/auth'), { headers: { cookie } })
}
