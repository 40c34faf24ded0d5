import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { parseCookies } from '../../../src/lib/cookie-header.ts'
import { fakeClock } from '../../support/clock.ts'
import { alice, startProvider, type ProviderUser } from '../../support/provider.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'
import {
  check,
  sessionOf,
  setCookies,
  signInByHand,
  signedIn,
  startService,
  testEachStore,
  type Service,
} from './harness.ts'

testEachStore('SEC-27: cookies are as the defaults have them', async (t, store) => {
  const settings = { ...store, cookie_secure: true }
  const service = await startService(t, await startProvider(t), settings)
  const { started, ended } = await signInByHand(service)
  const [login = ''] = shapes(started)
  assert.match(login, /^_oauth2_proxy_[\w-]{8}_csrf=\.\.\.; /)
  assert.equal(login.replace(/^\S+/, ''), ' HttpOnly; Max-Age=900; Path=/; SameSite=Lax; Secure')
  assert.deepEqual(shapes(ended), [
    '_oauth2_proxy=...; HttpOnly; Max-Age=604800; Path=/; SameSite=Lax; Secure',
    login.replace('=...', '=').replace('900', '0'),
  ])
})

test('each attribute of the cookies follows its option', async (t) => {
  const service = await startService(t, await startProvider(t), {
    cookie_name: 'sso',
    cookie_path: '/oauth2',
    cookie_expire: '2h',
    cookie_httponly: false,
    cookie_samesite: 'strict',
    cookie_csrf_samesite: 'lax',
    cookie_csrf_expire: '5m',
  })
  const { started, ended } = await signInByHand(service)
  assert.match(
    shapes(started).join('\n'),
    /^sso_[\w-]{8}_csrf=\.\.\.; Max-Age=300; Path=\/oauth2; SameSite=Lax$/,
  )
  assert.equal(shapes(ended)[0], 'sso=...; Max-Age=7200; Path=/oauth2; SameSite=Strict')
})

test('without cookie_expire the cookie goes with the browser', async (t) => {
  const service = await startService(t, await startProvider(t), { cookie_expire: '0s' })
  const { ended } = await signInByHand(service)
  assert.equal(shapes(ended)[0], '_oauth2_proxy=...; HttpOnly; Path=/; SameSite=Lax')
})

for (const name of ['__Host-session', '__Secure-session']) {
  testEachStore(`cookies named ${name} keep the rules of the prefix`, async (t, store) => {
    const settings = { ...store, cookie_name: name, cookie_secure: true }
    const service = await startService(t, await startProvider(t), settings)
    const agent = createUserAgent()
    const { started, ended } = await signInByHand(service, agent)
    for (const shape of [...shapes(started), ...shapes(ended)]) {
      assert.match(shape, new RegExp(`^${name}(?:_[\\w-]{8}_csrf)?=.*; Path=/;.*; Secure$`))
      assert.doesNotMatch(shape, /Domain/)
    }
    assert.equal((await check(agent, service)).status, 202)
  })
}

testEachStore('the longest cookie domain that fits the host is chosen', async (t, store) => {
  const cookie_domains = ['example.com', '.internal.example.com', 'example.org']
  const service = await startService(t, await startProvider(t), { ...store, cookie_domains })
  for (const [host, domain] of [
    ['www.example.com', 'example.com'],
    ['app.internal.example.com', 'internal.example.com'],
    ['a.b.example.org', 'example.org'],
  ] as const) {
    const agent = createUserAgent()
    const { started, ended } = await signInByHand(service, agent, { host })
    for (const shape of [...shapes(started), ...shapes(ended)]) {
      assert.ok(shape.includes(`; Domain=${domain};`), `${host}: ${shape}`)
    }
    const elsewhere = `other.${domain}`
    assert.equal((await agent.request(service.at('/oauth2/auth', elsewhere))).status, 202)
  }
})

testEachStore(
  'signing out deletes the cookie with the attributes it was set with, and one without a domain',
  async (t, store) => {
    const settings = { ...store, cookie_domains: ['example.com'], cookie_path: '/' }
    const service = await startService(t, await startProvider(t), settings)
    const agent = await signedIn(service)
    const reply = await agent.request(service.at('/oauth2/sign_out'))
    assert.deepEqual(shapes(reply), [
      '_oauth2_proxy=; Domain=example.com; HttpOnly; Max-Age=0; Path=/; SameSite=Lax',
      '_oauth2_proxy=; HttpOnly; Max-Age=0; Path=/; SameSite=Lax',
    ])
    assert.equal(agent.cookies.header(new URL(service.at('/'))), undefined)
  },
)

test('a session beyond 4 kB travels in parts, and shrinks without stale ones', async (t) => {
  const clock = fakeClock(Date.now())
  const users = [memberOf(190)]
  const provider = await startProvider(t, { users })
  const settings = { cookie_refresh: '1m', set_xauthrequest: true }
  const service = await startService(t, provider, settings, clock)
  const agent = createUserAgent()
  const { ended } = await signInByHand(service, agent, { user: users[0]! })
  for (const cookie of setCookies(ended)) assert.ok(cookie.length <= 4096)
  const many = cookieNames(agent, service)
  assert.ok(many.length >= 3)
  assert.deepEqual(
    many,
    many.map((_, index) => `_oauth2_proxy_${index}`),
  )

  for (const [groups, names] of [
    [70, ['_oauth2_proxy_0', '_oauth2_proxy_1']],
    [2, ['_oauth2_proxy']],
    [70, ['_oauth2_proxy_0', '_oauth2_proxy_1']],
  ] as const) {
    users[0] = memberOf(groups)
    clock.advance(61_000)
    const refreshed = await check(agent, service)
    assert.equal(refreshed.status, 202)
    assert.deepEqual(cookieNames(agent, service), names)
    assert.equal(groupCount(refreshed), groups)
    const next = await check(agent, service)
    assert.deepEqual(setCookies(next), [])
    assert.equal(groupCount(next), groups)
  }
})

test('a person in more groups than cookies can hold gets a page, not a loop', async (t) => {
  const users = [memberOf(2000)]
  const service = await startService(t, await startProvider(t, { users }))
  const { ended } = await signInByHand(service, createUserAgent(), { user: users[0]! })
  assert.equal(ended.status, 500)
  assert.match(ended.body, /internal-error/)
  assert.match(service.logText(), /does not fit in 10 cookies/)
})

test('a minimal session cookie holds the person and no token', async (t) => {
  const service = await startService(t, await startProvider(t), { session_cookie_minimal: true })
  const agent = await signedIn(service)
  assert.equal((await check(agent, service)).status, 202)
  const session = await sessionOf(agent, service)
  assert.equal(session.identity.email, alice.email)
  assert.deepEqual(session.tokens, { accessToken: '', idToken: '', refreshToken: '' })
})

/** `name=...; attributes in order`: a cookie without what differs each time. */
function shapes(reply: Reply): readonly string[] {
  return setCookies(reply).map((text) => {
    const [pair = '', ...attributes] = text.split('; ')
    return [pair.replace(/=.+$/, '=...'), ...attributes.sort()].join('; ')
  })
}

function cookieNames(agent: UserAgent, service: Service): readonly string[] {
  const header = agent.cookies.header(new URL(service.at('/'))) ?? ''
  return [...parseCookies(header).keys()].sort()
}

/** Names that no compression makes small. */
function memberOf(groups: number): ProviderUser {
  const names = Array.from({ length: groups }, () => randomBytes(12).toString('hex'))
  return { ...alice, groups: names }
}

function groupCount({ headers }: Reply): number {
  return String(headers['x-auth-request-groups']).split(',').length
}
