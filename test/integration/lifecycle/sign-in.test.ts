import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../../support/clock.ts'
import { alice, bob, signInAtProvider, startProvider } from '../../support/provider.ts'
import { signIn } from '../../support/sign-in.ts'
import { createUserAgent, type Reply } from '../../support/user-agent.ts'
import { check, setCookies, signedIn, startService, testEachStore } from './harness.ts'

testEachStore('a sign-in leads to the target, and checks pass from then on', async (t, store) => {
  const service = await startService(t, await startProvider(t), store)
  const agent = createUserAgent()
  assert.equal((await check(agent, service)).status, 401)
  const landed = await signIn(agent, service.at('/oauth2/start?rd=%2Fdeep%3Fx%3D1%26y%3D%252F'))
  assert.equal(landed.url, service.at('/deep?x=1&y=%2F'))
  const passed = await check(agent, service)
  assert.equal(passed.status, 202)
  assert.equal(passed.body, '')
  assert.deepEqual(setCookies(passed), [])
  assert.equal((await check(createUserAgent(), service)).status, 401)
})

testEachStore('userinfo names who is signed in', async (t, store) => {
  const service = await startService(t, await startProvider(t), store)
  const agent = await signedIn(service)
  const reply = await agent.request(service.at('/oauth2/userinfo'))
  assert.equal(reply.status, 200)
  assert.deepEqual(JSON.parse(reply.body), {
    user: alice.sub,
    email: alice.email,
    groups: alice.groups,
    preferredUsername: alice.preferred_username,
  })
})

const names = {
  'x-auth-request-user': alice.sub,
  'x-auth-request-email': alice.email,
  'x-auth-request-groups': 'admin,dev',
  'x-auth-request-preferred-username': alice.preferred_username,
}
const basic = (user: string) => `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`

for (const [settings, expected] of [
  [{}, {}],
  [{ pass_access_token: true }, {}],
  [{ set_xauthrequest: true }, names],
  [{ set_basic_auth: true, basic_auth_password: 'secret' }, { authorization: basic(alice.sub) }],
  [
    { set_basic_auth: true, basic_auth_password: 'secret', prefer_email_to_user: true },
    { authorization: basic(alice.email) },
  ],
] as const) {
  test(`a check answers with exactly the headers of ${JSON.stringify(settings)}`, async (t) => {
    const service = await startService(t, await startProvider(t), settings)
    const reply = await check(await signedIn(service), service)
    assert.deepEqual(identityHeaders(reply), { 'gap-auth': alice.email, ...expected })
  })
}

testEachStore('tokens go out with the options that ask for them', async (t, store) => {
  const provider = await startProvider(t)
  const service = await startService(t, provider, {
    ...store,
    set_xauthrequest: true,
    pass_access_token: true,
    set_authorization_header: true,
  })
  const reply = await check(await signedIn(service), service)
  const {
    'x-auth-request-access-token': accessToken = '',
    authorization = '',
    ...others
  } = identityHeaders(reply)
  assert.deepEqual(others, { 'gap-auth': alice.email, ...names })

  const authorized = { authorization: `Bearer ${accessToken}` }
  const userinfo = await fetch(`${provider.issuer}/me`, { headers: authorized })
  assert.equal(((await userinfo.json()) as { sub: string }).sub, alice.sub)
  const [, payload = ''] = /^Bearer [\w-]+\.([\w-]+)\.[\w-]+$/.exec(authorization) ?? []
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  assert.partialDeepStrictEqual(claims, { sub: alice.sub, aud: provider.clientId })
})

test('the query of a check narrows who may pass, list by list', async (t) => {
  const service = await startService(t, await startProvider(t))
  const agent = await signedIn(service, bob)
  for (const [query, status] of [
    ['', 202],
    ['?allowed_groups=admin', 403],
    ['?allowed_groups=admin,dev', 202],
    ['?allowed_groups=admin&allowed_groups=dev', 202],
    ['?allowed_emails=alice@example.com', 403],
    ['?allowed_emails=bob@example.com', 202],
    ['?allowed_email_domains=example.org', 403],
    ['?allowed_email_domains=example.com', 202],
    ['?allowed_groups=dev&allowed_emails=alice@example.com', 403],
    ['?allowed_groups=%20,', 202],
  ] as const) {
    const reply = await check(agent, service, query)
    assert.equal(reply.status, status, query)
    if (status === 403) assert.deepEqual(identityHeaders(reply), {}, query)
  }
  assert.equal((await check(createUserAgent(), service, '?allowed_groups=dev')).status, 401)
})

test('SEC-8: signing in anew ends the session before', async (t) => {
  const service = await startService(t, await startProvider(t), { session_store_type: 'memory' })
  const agent = await signedIn(service)
  const before = agent.cookies.header(new URL(service.at('/'))) ?? ''
  await agent.visit(service.at('/oauth2/start?rd=/app'))
  assert.equal((await check(agent, service)).status, 202)
  const stale = await createUserAgent().request(service.at('/oauth2/auth'), {
    headers: { cookie: before },
  })
  assert.equal(stale.status, 401)
})

testEachStore('SEC-8: the sign-in page ends the session that is there', async (t, store) => {
  const settings = { ...store, skip_provider_button: false }
  const service = await startService(t, await startProvider(t), settings)
  const agent = await signedIn(service)
  const page = await agent.visit(service.at('/oauth2/sign_in?rd=%2Fapp'))
  assert.equal(page.status, 200)
  assert.match(page.body, /href="\/oauth2\/start\?rd=%2Fapp"/)
  assert.equal((await check(agent, service)).status, 401)
})

test('a dozen tabs that begin at once each end at their own target', async (t) => {
  const service = await startService(t, await startProvider(t))
  const agent = createUserAgent()
  const tabs = Array.from({ length: 12 }, (_, tab) => `/tab/${tab}`)
  const begun = await Promise.all(
    tabs.map((tab) => agent.request(service.at(`/oauth2/start?rd=${tab}`))),
  )
  for (const [index, started] of begun.entries()) {
    const callbackUrl = await signInAtProvider(started.headers.location ?? '', alice, agent)
    const landed = await agent.visit(callbackUrl)
    assert.equal(landed.url, service.at(tabs[index] ?? ''))
  }
  const cookies = agent.cookies.header(new URL(service.at('/'))) ?? ''
  assert.match(cookies, /^_oauth2_proxy=[^;]+$/, 'no login cookie is left')
})

test('a sign-in that took longer than cookie_csrf_expire begins again by itself', async (t) => {
  const clock = fakeClock(Date.now())
  const service = await startService(t, await startProvider(t), {}, clock)
  const agent = createUserAgent()
  const started = await agent.request(service.at('/oauth2/start?rd=%2Fapp'))
  const callbackUrl = await signInAtProvider(started.headers.location ?? '', alice, agent)
  clock.advance(16 * 60_000)
  const landed = await agent.visit(callbackUrl)
  assert.equal(landed.url, service.at('/app'))
  assert.equal((await check(agent, service)).status, 202)
})

test('SEC-51: a clock that is off by minutes is told of and forgiven', async (t) => {
  const provider = await startProvider(t)
  for (const [minutes, aheadSeconds] of [
    [-4, 240],
    [4, -240],
    [60, -3600],
  ] as const) {
    const clock = fakeClock(Date.now() + minutes * 60_000)
    const service = await startService(t, provider, {}, clock)
    const agent = await signedIn(service)
    assert.equal((await check(agent, service)).status, 202)
    const line = service.logs().find(({ msg }) => msg === 'clock of the provider differs')
    assert.ok(Math.abs(Number(line?.['aheadSeconds']) - aheadSeconds) < 30)
  }
})

test('roles of ZITADEL, an object with a key for each, are groups', async (t) => {
  const rolesClaim = 'urn:zitadel:iam:org:project:roles'
  const roles = { admin: { '234567890': 'acme.zitadel.cloud' }, 'read only': {} }
  const provider = await startProvider(t, { claims: { [rolesClaim]: roles } })
  const service = await startService(t, provider, {
    oidc_groups_claim: rolesClaim,
    allowed_groups: ['admin'],
    set_xauthrequest: true,
  })
  const agent = await signedIn(service, bob)
  const reply = await check(agent, service, '?allowed_groups=admin')
  assert.equal(reply.status, 202)
  assert.equal(reply.headers['x-auth-request-groups'], 'admin,read only')
  assert.equal((await check(agent, service, '?allowed_groups=dev')).status, 403)
})

/** Everything by which an answer names a person. */
function identityHeaders({ headers }: Reply): Readonly<Record<string, string>> {
  const identity = Object.entries(headers).filter(([name]) =>
    /^(?:x-auth-request-|x-forwarded-|authorization$|gap-)/.test(name),
  )
  return Object.fromEntries(identity) as Readonly<Record<string, string>>
}
