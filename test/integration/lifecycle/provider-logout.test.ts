// Signing out at the provider, with a real one: Back-Channel and Front-Channel Logout 1.0.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { eventually, withinASecond } from '../../support/eventually.ts'
import { startHostileProvider } from '../../support/hostile-provider.ts'
import { freePort } from '../../support/process.ts'
import { alice, bob, startProvider, type RunningProvider } from '../../support/provider.ts'
import { startRedis } from '../../support/redis.ts'
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts'
import {
  check,
  redisStore,
  sessionOf,
  signedIn,
  startService,
  type Service,
  type Settings,
} from './harness.ts'

/** A provider that tells the first of the services which it starts of every sign-out. */
async function startSite(t: TestContext, settings: Settings) {
  const port = await freePort()
  const backChannelLogoutUri = `http://127.0.0.1:${port}/oauth2/backchannel_logout`
  const provider = await startProvider(t, { backChannelLogoutUri })
  const told = await startService(t, provider, {
    ...settings,
    http_address: `127.0.0.1:${port}`,
  })
  return { provider, told }
}

/** As a person does on the provider's own page. */
async function signOutAtProvider(agent: UserAgent, { issuer }: RunningProvider): Promise<void> {
  const form = await agent.visit(`${issuer}/session/end`)
  const left = await agent.submit(form, { logout: 'yes' })
  assert.equal(left.status, 200, left.body)
}

test('a sign-out at the provider ends that session on every replica within a second', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { provider, told } = await startSite(t, redisStore(redis.url))
  const replica = await startService(t, provider, redisStore(redis.url))
  const agent = await signedIn(replica)
  const [elsewhere, other] = [await signedIn(replica), await signedIn(replica, bob)]
  assert.notEqual((await sessionOf(agent, replica)).providerSid, '')
  for (const service of [told, replica]) {
    assert.equal((await check(agent, service)).status, 202)
    assert.equal((await check(agent, service)).status, 202)
  }
  await signOutAtProvider(agent, provider)
  await withinASecond(async () => {
    for (const service of [told, replica]) assert.equal((await check(agent, service)).status, 401)
  })
  assert.equal((await check(elsewhere, replica)).status, 202, 'another browser of hers')
  assert.equal((await check(other, told)).status, 202)
  const line = await eventually(() => {
    const found = told.logs().find(({ msg }) => msg === 'session-revoked')
    assert.ok(found)
    return Promise.resolve(found)
  })
  assert.deepEqual([line['by'], line['user']], ['back-channel-logout', alice.sub])
})

test('it works with the sessions of one process, too', async (t) => {
  const { provider, told } = await startSite(t, { session_store_type: 'memory' })
  const agent = await signedIn(told)
  await signOutAtProvider(agent, provider)
  await withinASecond(async () => {
    assert.equal((await check(agent, told)).status, 401)
  })
})

/** Of an ID token in a header. */
function sidIn(authorization = ''): string {
  const claims = Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString()
  const { sid } = JSON.parse(claims) as { readonly sid: string }
  assert.ok(sid.length > 10)
  return sid
}

function send(service: Service, body: string, method = 'POST') {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const url = service.at('/oauth2/backchannel_logout')
  return createUserAgent().request(url, { method, headers, ...(method === 'POST' && { body }) })
}

/** A service whose provider says what it likes, and a token with which it ends nobody's session. */
async function startHostileSite(t: TestContext, settings: Settings = {}) {
  const hostile = await startHostileProvider(t)
  const service = await startService(
    t,
    { issuer: hostile.issuer, clientId: 'sallyport', clientSecret: 'secret' },
    { session_store_type: 'memory', ...settings },
  )
  const logout = (token: string) =>
    send(service, new URLSearchParams({ logout_token: token }).toString())
  return { hostile, service, logout }
}

test('SEC-24: a logout token works once, on whichever replica', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { hostile, service, logout } = await startHostileSite(t, redisStore(redis.url))
  const replica = await startService(
    t,
    { issuer: hostile.issuer, clientId: 'sallyport', clientSecret: 'secret' },
    redisStore(redis.url),
  )
  await eventually(async () => {
    for (const one of [service, replica]) {
      assert.equal((await createUserAgent().request(one.at('/ready'))).status, 200)
    }
  })
  const token = hostile.logoutToken()
  const first = await logout(token)
  assert.equal(first.status, 200)
  assert.equal(first.headers['cache-control'], 'no-store')
  const body = new URLSearchParams({ logout_token: token }).toString()
  assert.equal((await send(replica, body)).status, 400)
  assert.equal((await logout(hostile.logoutToken({ iat: 1 }))).status, 400)
  assert.equal((await logout(hostile.logoutToken({ jti: 'logout-2' }))).status, 200)
})

test('SEC-24: what is no valid logout token gets 400, and ends nothing', async (t) => {
  const { hostile, service, logout } = await startHostileSite(t)
  const refused = [
    await logout(hostile.logoutToken({ nonce: 'n' })),
    await logout(hostile.idToken()),
    await send(service, ''),
    await send(service, 'logout_token='),
    await send(service, `logout_token=${hostile.logoutToken()}&logout_token=x`),
    await createUserAgent().request(service.at('/oauth2/backchannel_logout'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ logout_token: hostile.logoutToken() }),
    }),
  ]
  for (const reply of refused) {
    assert.equal(reply.status, 400)
    assert.equal(reply.headers['cache-control'], 'no-store')
    assert.deepEqual(JSON.parse(reply.body), {
      error: 'invalid_request',
      error_description: 'the logout token is not valid',
    })
  }
  assert.ok(!service.logText().includes('eyJ'), 'no token in the log')
  const query = `?logout_token=${hostile.logoutToken()}`
  const url = service.at(`/oauth2/backchannel_logout${query}`)
  assert.equal((await createUserAgent().request(url)).status, 401, 'a link is no logout')
  assert.equal((await createUserAgent().request(url, { method: 'POST' })).status, 400)
})

test('SEC-48: while the keys or Redis are away the provider is told to come again', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { hostile, logout } = await startHostileSite(t, {
    ...redisStore(redis.url),
    store_timeout: '1s',
  })
  hostile.bend('jwks', { status: 500, body: '' })
  const token = hostile.logoutToken()
  assert.equal((await logout(token)).status, 503)
  hostile.bend('jwks', undefined)
  redis.freeze()
  await eventually(async () => {
    assert.equal((await logout(token)).status, 503)
  })
  redis.thaw()
  await eventually(async () => {
    assert.equal((await logout(token)).status, 200, 'what failed was not used')
  })
})

test('sessions in cookies alone cannot be ended so, and the answer says it', async (t) => {
  const { hostile, logout } = await startHostileSite(t, { session_store_type: 'cookie' })
  const reply = await logout(hostile.logoutToken())
  assert.equal(reply.status, 501)
  assert.match(reply.body, /set redis_connection_url/)
})

test('with a Redis besides, sessions in cookies end on every replica within a second', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const settings = { session_store_type: 'cookie', redis_connection_url: redis.url }
  const { provider, told } = await startSite(t, settings)
  const replica = await startService(t, provider, settings)
  const [agent, other] = [await signedIn(told), await signedIn(told, bob)]
  await eventually(async () => {
    for (const service of [told, replica]) assert.equal((await check(agent, service)).status, 202)
  })
  await signOutAtProvider(agent, provider)
  await withinASecond(async () => {
    for (const service of [told, replica]) assert.equal((await check(agent, service)).status, 401)
  })
  assert.equal((await check(other, replica)).status, 202)
  const lines = told.logs().filter(({ msg }) => msg === 'session-revoked')
  assert.deepEqual(
    lines.map(({ by, user, sid }) => [by, user, String(sid).length > 10]),
    [['back-channel-logout', alice.sub, true]],
  )
})

test('a frame of the provider’s page ends the session that it names, and no other', async (t) => {
  const settings = { session_store_type: 'memory', set_authorization_header: true }
  const { provider, told } = await startSite(t, settings)
  const [agent, other] = [await signedIn(told), await signedIn(told, bob)]
  const sid = sidIn((await check(agent, told)).headers.authorization)
  const frame = (query: string) =>
    createUserAgent().request(told.at(`/oauth2/frontchannel_logout${query}`))
  const iss = encodeURIComponent(provider.issuer)
  for (const wrong of [
    '',
    `?iss=${iss}`,
    `?sid=${sid}`,
    `?iss=${iss}&sid=`,
    `?iss=${iss}&sid=other`,
    `?iss=https%3A%2F%2Fevil.example&sid=${sid}`,
  ]) {
    assert.equal((await frame(wrong)).status, 200)
    // SEC-25: not even by the browser that is signed in.
    await agent.request(told.at(`/oauth2/frontchannel_logout${wrong}`))
    assert.equal((await check(agent, told)).status, 202, wrong)
  }
  const reply = await frame(`?iss=${iss}&sid=${sid}`)
  assert.equal(reply.status, 200)
  assert.equal(reply.headers['cache-control'], 'no-store')
  assert.equal(reply.headers['x-frame-options'], undefined)
  const policy = `default-src 'none'; frame-ancestors ${provider.issuer}`
  assert.equal(reply.headers['content-security-policy'], policy)
  await withinASecond(async () => {
    assert.equal((await check(agent, told)).status, 401)
  })
  assert.equal((await check(other, told)).status, 202)
  const line = told.logs().find(({ msg }) => msg === 'session-revoked')
  assert.deepEqual([line?.['by'], line?.['user']], ['front-channel-logout', alice.sub])
})

test('with sealed cookies the frame deletes the cookie that it comes with', async (t) => {
  const { provider, told } = await startSite(t, { session_store_type: 'cookie' })
  const agent = await signedIn(told)
  const { providerSid: sid } = await sessionOf(agent, told)
  const path = `/oauth2/frontchannel_logout?iss=${encodeURIComponent(provider.issuer)}&sid=`
  await agent.request(told.at(`${path}other`))
  assert.equal((await check(agent, told)).status, 202)
  await agent.request(told.at(`${path}${sid}`))
  assert.equal((await check(agent, told)).status, 401)
  const lines = told.logs().filter(({ msg }) => msg === 'session-revoked')
  assert.deepEqual(
    lines.map(({ by, user }) => [by, user]),
    [['front-channel-logout', alice.sub]],
  )
})
