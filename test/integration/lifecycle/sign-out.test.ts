import assert from 'node:assert/strict'
import { test } from 'node:test'
import { alice, bob, startProvider } from '../../support/provider.ts'
import { startSampleApp } from '../../support/sample-app.ts'
import { createUserAgent } from '../../support/user-agent.ts'
import {
  check,
  sessionOf,
  setCookies,
  signInByHand,
  signedIn,
  startService,
  testEachStore,
} from './harness.ts'

testEachStore('a sign-out ends the session here, then at the provider', async (t, store) => {
  const provider = await startProvider(t)
  const service = await startService(t, provider, { ...store, skip_auth_routes: ['^/bye$'] })
  const agent = await signedIn(service)
  const cookie = agent.cookies.header(new URL(service.at('/'))) ?? ''

  const form = await agent.visit(service.at('/oauth2/sign_out?rd=%2Fbye'))
  assert.match(form.body, /Sign out of Example Identity/)
  assert.equal((await check(agent, service)).status, 401)
  if (store['session_store_type'] !== 'cookie') {
    const headers = { cookie }
    const copy = await createUserAgent().request(service.at('/oauth2/auth'), { headers })
    assert.equal(copy.status, 401, 'SEC-30: a copy of the cookie is dead')
  }
  const landed = await agent.submit(form, { logout: 'yes' })
  assert.equal(landed.url, service.at('/bye'))
  const again = await agent.visit(service.at('/oauth2/start?rd=%2Fapp'))
  assert.match(again.body, /Sign in to Example Identity/, 'the provider asks who it is')
  const line = service.logs().find(({ msg }) => msg === 'sign-out')
  assert.equal(line?.['user'], alice.sub)
})

test('the provider is told which session ends and where to go then', async (t) => {
  const provider = await startProvider(t)
  for (const [settings, query, target] of [
    [{}, '', undefined],
    [{}, '?rd=%2Fbye', 'own /bye'],
    [{}, '?rd=https%3A%2F%2Fevil.example%2F', undefined],
    [
      { whitelist_domains: ['www.example.com'] },
      '?rd=https%3A%2F%2Fwww.example.com%2F',
      'https://www.example.com/',
    ],
    [
      { post_logout_redirect_url: 'https://www.example.org/bye' },
      '?rd=%2Fbye',
      'https://www.example.org/bye',
    ],
  ] as const) {
    const service = await startService(t, provider, settings)
    const agent = await signedIn(service)
    const { tokens } = await sessionOf(agent, service)
    const reply = await agent.request(service.at(`/oauth2/sign_out${query}`))
    assert.equal(reply.status, 302)
    const location = new URL(reply.headers.location ?? '')
    assert.equal(location.origin + location.pathname, `${provider.issuer}/session/end`)
    assert.equal(location.searchParams.get('id_token_hint'), tokens.idToken)
    const expected = target?.replace('own ', service.at(''))
    assert.equal(
      location.searchParams.get('post_logout_redirect_uri') ?? undefined,
      expected,
      query,
    )
  }
})

test('with provider_logout = false a sign-out stays here', async (t) => {
  const provider = await startProvider(t)
  const service = await startService(t, provider, { provider_logout: false })
  const agent = await signedIn(service)
  const landed = await agent.visit(service.at('/oauth2/sign_out'))
  assert.equal(landed.url, service.at('/oauth2/signed_out'))
  assert.equal(landed.status, 200)
  assert.match(landed.body, /You are signed out/)
  assert.equal((await check(agent, service)).status, 401)
  await agent.visit(service.at('/oauth2/start'))
  assert.equal((await check(agent, service)).status, 202, 'the provider still knows the person')
  const { headers } = await agent.request(service.at('/oauth2/sign_out?rd=%2Fbye'))
  assert.equal(headers.location, '/bye')
})

test('{id_token} in the target of a sign-out is the ID token', async (t) => {
  const provider = await startProvider(t)
  const whitelist_domains = [new URL(provider.issuer).host]
  for (const provider_logout of [true, false]) {
    const service = await startService(t, provider, { whitelist_domains, provider_logout })
    const agent = await signedIn(service)
    const { tokens } = await sessionOf(agent, service)
    const target = `${provider.issuer}/session/end?id_token_hint={id_token}`
    const url = service.at(`/oauth2/sign_out?rd=${encodeURIComponent(target)}`)
    const { headers } = await agent.request(url)
    assert.equal(headers.location, target.replace('{id_token}', tokens.idToken))
  }
})

testEachStore('the backend is told of a sign-out, with the ID token', async (t, store) => {
  const provider = await startProvider(t)
  const backend = await startSampleApp(t)
  const service = await startService(t, provider, {
    ...store,
    set_authorization_header: true,
    provider_logout: false,
    backend_logout_url: `${backend.url}/logout?token={id_token}`,
  })
  const agent = await signedIn(service)
  const { headers } = await check(agent, service)
  const idToken = String(headers.authorization).replace('Bearer ', '')
  const reply = await agent.request(service.at('/oauth2/sign_out'))
  assert.equal(reply.status, 302)
  assert.deepEqual(
    backend.requests.map(({ method, url }) => `${method} ${url}`),
    [`GET /logout?token=${idToken}`],
  )
  await agent.request(service.at('/oauth2/sign_out'))
  assert.equal(backend.requests.length, 1, 'nobody was signed in any more')
})

test('a sign-out works without the backend and without the provider', async (t) => {
  const provider = await startProvider(t)
  const gone = await startProvider(t)
  await gone.stop()
  const backend_logout_url = `${gone.issuer}/logout`
  const agent = await signedIn(await startService(t, provider))
  provider.setDown(true)
  const service = await startService(t, provider, { backend_logout_url })
  assert.equal((await check(agent, service)).status, 202)
  const landed = await agent.visit(service.at('/oauth2/sign_out'))
  assert.equal(landed.url, service.at('/oauth2/signed_out'))
  assert.equal((await check(agent, service)).status, 401)
  assert.ok(service.logs().some(({ msg }) => msg === 'backend logout failed'))
})

test('who is signed out already gets the same answer', async (t) => {
  const service = await startService(t, await startProvider(t), { provider_logout: false })
  const agent = createUserAgent()
  const reply = await agent.request(service.at('/oauth2/sign_out?rd=%2Fbye'))
  assert.equal(reply.status, 302)
  assert.equal(reply.headers.location, '/bye')
  assert.deepEqual(setCookies(reply), [])
})

test('"use another account" on a page that refuses leads through the provider to it', async (t) => {
  const settings = { allowed_groups: ['admin'] }
  const service = await startService(t, await startProvider(t), settings)
  const agent = createUserAgent()
  const { ended } = await signInByHand(service, agent, { user: bob })
  assert.equal(ended.status, 403)
  const [, way = ''] = /href="(\/oauth2\/sign_out[^"]*)"/.exec(ended.body) ?? []
  const confirmation = await agent.visit(service.at(way))
  const form = await agent.submit(confirmation, { logout: 'yes' })
  const landed = await agent.submit(form, { email: alice.email, password: alice.password })
  assert.equal(landed.url, service.at('/app'))
  assert.equal((await check(agent, service)).status, 202)
})
