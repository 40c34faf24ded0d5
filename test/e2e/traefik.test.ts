import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { startBehindGateway, type GatewaySite } from '../support/gateway-site.ts'
import type { TomlValue } from '../support/sallyport.ts'
import { alice, bob } from '../support/provider.ts'
import { signIn } from '../support/sign-in.ts'
import { startTraefik } from '../support/traefik.ts'
import { createUserAgent } from '../support/user-agent.ts'

async function start(
  t: TestContext,
  options: Readonly<Record<string, TomlValue>> = {},
  limits = '',
): Promise<GatewaySite | undefined> {
  const site = await startBehindGateway(t, options)
  const traefik = await startTraefik(t, site, limits)
  return traefik && site
}

const forged = {
  'x-auth-request-user': 'mallory',
  'x-auth-request-email': 'mallory@example.com',
  'x-auth-request-groups': 'admin',
  'x-auth-request-preferred-username': 'mallory',
}

test('the check itself redirects a browser, with the whole URL', async (t) => {
  const site = await start(t)
  if (!site) return
  const deepLink = `${site.appUrl}/deep/link?a=1&b=%20%26&c=/x`
  const headers = { accept: 'text/html' }
  const reply = await createUserAgent().request(deepLink, { headers })
  assert.equal(reply.status, 302)
  const location = new URL(reply.headers.location ?? '')
  assert.equal(location.origin, site.authUrl)
  assert.equal(location.searchParams.get('rd'), deepLink)
})

test('a browser comes back to its deep link after the sign-in', async (t) => {
  const site = await start(t)
  if (!site) return
  const deepLink = `${site.appUrl}/deep/link?a=1&b=%20%26&c=/x`
  const landed = await signIn(createUserAgent(), deepLink)
  assert.equal(landed.status, 200)
  assert.equal(landed.url, deepLink)
  assert.equal(site.sampleApp.requests.at(-1)?.url, '/deep/link?a=1&b=%20%26&c=/x')
})

test('the app learns who it is, whatever the client says', async (t) => {
  const site = await start(t)
  if (!site) return
  const agent = createUserAgent()
  await signIn(agent, site.appUrl)
  await agent.request(site.appUrl, { headers: forged })
  const { headers = {} } = site.sampleApp.requests.at(-1) ?? {}
  assert.equal(headers['x-auth-request-user'], alice.sub)
  assert.equal(headers['x-auth-request-email'], alice.email)
  assert.equal(headers['x-auth-request-groups'], alice.groups.join(','))
  assert.doesNotMatch(JSON.stringify(headers), /mallory/)
})

test('a script gets 401 as JSON', async (t) => {
  const site = await start(t)
  if (!site) return
  const headers = { accept: 'application/json' }
  const reply = await createUserAgent().request(`${site.appUrl}/api`, { headers })
  assert.equal(reply.status, 401)
  assert.match(reply.headers['content-type'] ?? '', /^application\/json/)
  assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/)
  assert.deepEqual(JSON.parse(reply.body), { error: 'unauthenticated' })
})

test('who is not in the group gets a page that says so', async (t) => {
  const site = await start(t, {}, '?allowed_groups=admin')
  if (!site) return
  assert.equal((await signIn(createUserAgent(), site.appUrl)).status, 200)
  const refused = await signIn(createUserAgent(), site.appUrl, bob)
  assert.equal(refused.status, 403)
  assert.equal(refused.headers['content-type'], 'text/html; charset=utf-8')
  assert.match(refused.body, /bob/)
})

test('SEC-2: no client talks itself onto a skipped route', async (t) => {
  const site = await start(t, { skip_auth_routes: ['^/public/'] })
  if (!site) return
  const agent = createUserAgent()
  const headers = {
    'x-forwarded-uri': '/public/x',
    'x-forwarded-method': 'GET',
    'x-forwarded-host': 'public.example.localhost',
    'x-original-url': `${site.appUrl}/public/x`,
  }
  for (const path of ['/private', '/public/%2e%2e/private']) {
    const reply = await agent.request(`${site.appUrl}${path}`, { headers })
    assert.equal(reply.status, 401, path)
  }
  const skipped = await agent.request(`${site.appUrl}/public/x`, { headers: forged })
  assert.equal(skipped.status, 200)
  assert.doesNotMatch(JSON.stringify(site.sampleApp.requests), /mallory/)
})

test('the session ends with the sign-out', async (t) => {
  const site = await start(t)
  if (!site) return
  const agent = createUserAgent()
  await signIn(agent, site.appUrl)
  assert.equal((await agent.request(site.appUrl)).status, 200)
  await agent.visit(`${site.authUrl}/oauth2/sign_out`)
  assert.equal((await agent.request(site.appUrl)).status, 401)
})
