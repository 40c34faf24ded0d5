// Sessions in Redis: shared by replicas, and what happens while it does not answer.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Clock } from '../../../src/lib/clock.ts'
import { unavailableTexts } from '../../../src/pages/texts.ts'
import { fakeClock } from '../../support/clock.ts'
import { eventually, withinASecond } from '../../support/eventually.ts'
import { freePort } from '../../support/process.ts'
import { alice, signInAtProvider, startProvider } from '../../support/provider.ts'
import { isSessionKey, startRedis, type RunningRedis } from '../../support/redis.ts'
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts'
import {
  check,
  redisStore,
  sessionOf,
  setCookies,
  signedIn,
  startService,
  tokenRequests,
  type Service,
  type Settings,
} from './harness.ts'

const traefik = {
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'http',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-uri': '/deep',
  accept: 'text/html',
}

/** A Redis, a provider, and replicas of the service as the test asks for them. */
async function startSite(t: TestContext, redis: RunningRedis, clock?: Clock) {
  const provider = await startProvider(t)
  const replica = (settings: Settings = {}): Promise<Service> =>
    startService(t, provider, { ...redisStore(redis.url), ...settings }, clock)
  return { provider, replica }
}

test('replicas know the same sessions, and a sign-out counts on all of them', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  const [one, two] = [await replica(), await replica()]
  const agent = await signedIn(one)
  const copy = copyOf(agent, one)
  assert.equal((await check(agent, two)).status, 202)
  await agent.request(two.at('/oauth2/sign_out'))
  await withinASecond(async () => {
    assert.equal((await check(copy, one)).status, 401, 'SEC-30: a copied cookie is dead, too')
  })
})

test('replicas refresh a session once between them, again and again', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const clock = fakeClock(Date.now())
  const { provider, replica } = await startSite(t, redis, clock)
  const settings = { cookie_refresh: '10m' }
  const replicas = [await replica(settings), await replica(settings), await replica(settings)]
  const agent = await signedIn(replicas[0]!)
  for (let round = 0; round < 3; round += 1) {
    clock.advance(61 * 60_000)
    const before = tokenRequests(provider)
    const checks = Array.from({ length: 30 }, (_, index) => check(agent, replicas[index % 3]!))
    for (const { status } of await Promise.all(checks)) assert.equal(status, 202)
    assert.equal(tokenRequests(provider), before + 1)
  }
})

test('a refresh that one replica was refused ends the session on all of them', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const clock = fakeClock(Date.now())
  const { provider, replica } = await startSite(t, redis, clock)
  const [one, two] = [
    await replica({ cookie_refresh: '10m' }),
    await replica({ cookie_refresh: '10m' }),
  ]
  const agent = await signedIn(one)
  provider.revokeRefreshTokens()
  clock.advance(61 * 60_000)
  const before = tokenRequests(provider)
  const replies = await Promise.all([one, two, one, two].map((replica) => check(agent, replica)))
  for (const { status } of replies) assert.equal(status, 401)
  assert.equal(tokenRequests(provider), before + 1)
})

test('SEC-11: a cookie opens nothing under another name or another secret', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  const one = await replica()
  const agent = await signedIn(one)
  const value = (agent.cookies.header(new URL(one.at('/'))) ?? '').replace(/^.*=/, '')
  for (const [settings, name] of [
    [{ cookie_name: 'other' }, 'other'],
    [{ cookie_name: '_oauth2_proxy2' }, '_oauth2_proxy2'],
    [{ cookie_secret: 'another-secret-of-32-characters!' }, '_oauth2_proxy'],
  ] as const) {
    const service = await replica(settings)
    const headers = { cookie: `${name}=${value}` }
    const reply = await createUserAgent().request(service.at('/oauth2/auth'), { headers })
    assert.equal(reply.status, 401, name)
  }
})

test('SEC-11: a login cookie is no session cookie', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  for (const store of ['redis', 'cookie', 'memory']) {
    const service = await replica({ session_store_type: store })
    const agent = createUserAgent()
    const started = await agent.request(service.at('/oauth2/start'))
    const value = /_csrf=([^;]+)/.exec(setCookies(started).join())?.[1] ?? ''
    assert.ok(value.length > 40)
    const state = new URL(started.headers.location ?? '').searchParams.get('state') ?? ''
    for (const planted of [value, state]) {
      const headers = { cookie: `_oauth2_proxy=${planted}` }
      assert.equal((await agent.request(service.at('/oauth2/auth'), { headers })).status, 401)
    }
  }
})

test('SEC-31: Redis holds nothing that tells who is signed in, and forgets in time', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  const service = await replica({ cookie_expire: '1h' })
  const agent = await signedIn(service)
  const { accessToken, idToken, refreshToken } = (await sessionOf(agent, service)).tokens
  const client = await redis.client()
  const keys = await client.keys('*')
  const known = [alice.sub, alice.email, 'admin', accessToken, idToken, refreshToken]
  for (const key of keys) {
    const isList = (await client.type(key)) === 'zset'
    const value = isList
      ? (await client.zrange(key, '0', '-1')).join()
      : ((await client.getBuffer(key))?.toString('latin1') ?? '')
    for (const secret of known) assert.ok(!value.includes(secret) && !key.includes(secret))
    const ttlMs = await client.pttl(key)
    assert.ok(ttlMs > 3_500_000 && ttlMs <= 3_600_000)
  }
  assert.equal(keys.filter(isSessionKey).length, 1)
  await agent.request(service.at('/oauth2/sign_out'))
  assert.deepEqual(await client.keys('*'), [])
})

test('SEC-48: while Redis hangs everyone is told to wait, and nobody is signed out', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  const service = await replica({
    store_timeout: '1s',
    skip_auth_routes: ['^/open$'],
    skip_provider_button: false,
  })
  const agent = await signedIn(service)
  const cookie = agent.cookies.header(new URL(service.at('/')))
  // What Redis was asked before it hung it may still do after: a sign-out ends its own session.
  const leaving = await signedIn(service)

  redis.freeze()
  await withinASecond(async () => {
    assert.equal((await check(agent, service)).status, 503)
  })
  for (const [path, headers, asking] of [
    ['/oauth2/auth', {}, agent],
    ['/oauth2/check/traefik', traefik, agent],
    ['/oauth2/userinfo', {}, agent],
    ['/oauth2/sign_in', {}, agent],
    ['/oauth2/sign_out', {}, leaving],
    ['/app', {}, agent],
    ['/app', { accept: 'text/html' }, agent],
  ] as const) {
    const reply = await asking.request(service.at(path), { headers })
    assert.equal(reply.status, 503, path)
    assert.deepEqual(setCookies(reply), [], path)
    assert.equal(reply.headers['gap-auth'], undefined, path)
  }
  const page = await agent.visit(service.at('/app'))
  assert.ok(page.body.includes(unavailableTexts['store-unavailable'].title))
  assert.equal((await agent.request(service.at('/ready'))).status, 503)
  assert.equal((await agent.request(service.at('/ping'))).status, 200)

  const open = { ...traefik, 'x-forwarded-uri': '/open' }
  const skipped = await agent.request(service.at('/oauth2/check/traefik'), { headers: open })
  assert.equal(skipped.status, 200, 'an open route stays open')
  assert.equal(skipped.headers['gap-auth'], undefined, 'SEC-14: and names nobody')

  redis.thaw()
  await eventually(async () => {
    assert.equal((await check(agent, service)).status, 202)
  })
  assert.equal(agent.cookies.header(new URL(service.at('/'))), cookie)
  assert.equal((await agent.request(service.at('/ready'))).status, 200)
})

test('SEC-48: a sign-in that ends while Redis is away is asked to come again', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  const service = await replica({ store_timeout: '1s' })
  const agent = createUserAgent()
  const started = await agent.request(service.at('/oauth2/start?rd=%2Fapp'))
  const callbackUrl = await signInAtProvider(started.headers.location ?? '', alice, agent)
  redis.freeze()
  const page = await agent.visit(callbackUrl)
  assert.equal(page.status, 503)
  assert.deepEqual(setCookies(page), [])
  assert.match(page.body, /href="\/oauth2\/start\?rd=%2Fapp"/)
  redis.thaw()
  await eventually(async () => {
    assert.equal((await agent.request(service.at('/ready'))).status, 200)
  })
  // The provider still knows the person: the link on the page is all it takes.
  const landed = await agent.visit(service.at('/oauth2/start?rd=%2Fapp'))
  assert.equal(landed.url, service.at('/app'))
  assert.equal((await check(agent, service)).status, 202)
})

test('SEC-48: a Redis that comes back empty means a new sign-in', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { replica } = await startSite(t, redis)
  const service = await replica()
  const agent = await signedIn(service)
  await redis.stop()
  await withinASecond(async () => {
    assert.equal((await check(agent, service)).status, 503)
  })
  assert.equal((await agent.request(service.at('/ready'))).status, 503)
  await redis.restart()
  await eventually(async () => {
    assert.equal((await check(agent, service)).status, 401)
  })
  await agent.visit(service.at('/oauth2/start?rd=%2Fapp'))
  assert.equal((await check(agent, service)).status, 202)
})

test('starts without Redis and serves once it is there', async (t) => {
  const port = await freePort()
  const provider = await startProvider(t)
  const url = `redis://127.0.0.1:${port}`
  const service = await startService(t, provider, redisStore(url))
  const agent = createUserAgent()
  assert.equal((await agent.request(service.at('/ping'))).status, 200)
  assert.equal((await agent.request(service.at('/ready'))).status, 503)
  assert.equal((await check(agent, service)).status, 401, 'who shows no cookie needs no store')
  const redis = await startRedis(t, { port })
  if (!redis) return
  await eventually(async () => {
    assert.equal((await agent.request(service.at('/ready'))).status, 200)
  })
  assert.equal((await check(await signedIn(service), service)).status, 202)
})

/** Another browser with the same cookies. */
function copyOf(agent: UserAgent, service: Service): UserAgent {
  const url = new URL(service.at('/'))
  const copy = createUserAgent()
  copy.cookies.store(url, agent.cookies.header(url)?.split('; ') ?? [])
  return copy
}
