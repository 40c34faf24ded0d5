import assert from 'node:assert/strict'
import { suite, test, type TestContext } from 'node:test'
import { eventually, withinASecond } from '../support/eventually.ts'
import { startBehindGateway, type GatewaySite } from '../support/gateway-site.ts'
import { renderIngressNginx } from '../support/ingress-nginx.ts'
import { readManifest } from '../support/manifests.ts'
import { startNginx } from '../support/nginx.ts'
import { startRedis } from '../support/redis.ts'
import type { TomlValue } from '../support/sallyport.ts'
import { alice, bob } from '../support/provider.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

interface Variant {
  /** Query of the check, `?` included. */
  readonly limits?: string
  /** Nothing but scripts comes here. */
  readonly isApi?: boolean
}

type Render = (site: GatewaySite, variant: Variant) => string

const setUps: Readonly<Record<string, Render>> = {
  'plain nginx': (site, { limits = '' }) =>
    readManifest('nginx/nginx.conf', site).replace('/oauth2/auth;', `/oauth2/auth${limits};`),
  'ingress-nginx': (site, { limits = '', isApi = false }) =>
    renderIngressNginx(site, {
      'auth-url': `${site.running.url}/oauth2/auth${limits}`,
      ...(isApi && { 'auth-signin': '' }),
    }),
}

const forged = {
  'x-auth-request-user': 'mallory',
  'x-auth-request-email': 'mallory@example.com',
  'x-auth-request-groups': 'admin',
  'x-auth-request-preferred-username': 'mallory',
}

// The newer nginx goes through the scenarios of every gateway (gateways/nginx.test.ts).
for (const [name, render] of Object.entries(setUps)) {
  suite(`${name} (Debian's)`, { concurrency: 4 }, () => {
    defineTests(render)
  })
}

function defineTests(render: Render): void {
  async function start(
    t: TestContext,
    options: Readonly<Record<string, TomlValue>> = {},
    variant: Variant = {},
  ): Promise<GatewaySite | undefined> {
    const site = await startBehindGateway(t, options)
    const nginx = await startNginx(t, 'debian', site.port, render(site, variant))
    return nginx && site
  }

  test('leads a browser through the sign-in to its deep link', async (t) => {
    const site = await start(t)
    if (!site) return
    const deepLink = `${site.appUrl}/deep/link?a=1&b=%20%26&c=/x`
    const landed = await signIn(createUserAgent(), deepLink)
    assert.equal(landed.status, 200)
    assert.equal(landed.url, deepLink)
    assert.equal(site.sampleApp.requests.at(-1)?.url, '/deep/link?a=1&b=%20%26&c=/x')
  })

  test('names the person to the app, whatever the client says', async (t) => {
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

  test('answers a script with 401', async (t) => {
    const site = await start(t, {}, { isApi: true })
    if (!site) return
    const headers = { accept: 'application/json' }
    const reply = await createUserAgent().request(`${site.appUrl}/api`, { headers })
    assert.equal(reply.status, 401)
    assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer/)
    assert.deepEqual(site.sampleApp.requests, [])
  })

  test('SEC-2: no client talks itself onto a skipped route', async (t) => {
    const site = await start(t, { skip_auth_routes: ['^/public/'] }, { isApi: true })
    if (!site) return
    const agent = createUserAgent()
    const headers = {
      'x-forwarded-uri': '/public/x',
      'x-forwarded-method': 'GET',
      'x-original-url': `${site.appUrl}/public/x`,
      'x-original-uri': '/public/x',
      'x-original-method': 'GET',
    }
    for (const path of ['/private', '/public/../private', '/public/%2e%2e/private']) {
      const reply = await agent.request(`${site.appUrl}${path}`, { headers })
      assert.equal(reply.status, 401, path)
    }
    const skipped = await agent.request(`${site.appUrl}/public/x`, { headers: forged })
    assert.equal(skipped.status, 200)
    assert.doesNotMatch(JSON.stringify(site.sampleApp.requests), /mallory/)
  })

  test('refuses who is not in the group', async (t) => {
    const site = await start(t, {}, { limits: '?allowed_groups=admin' })
    if (!site) return
    assert.equal((await signIn(createUserAgent(), site.appUrl)).status, 200)
    assert.equal((await signIn(createUserAgent(), site.appUrl, bob)).status, 403)
  })

  test('the session ends with the sign-out', async (t) => {
    const site = await start(t, {}, { isApi: true })
    if (!site) return
    const agent = createUserAgent()
    await signIn(agent, `${site.authUrl}/oauth2/start?rd=${site.appUrl}`)
    assert.equal((await agent.request(site.appUrl)).status, 200)
    await agent.visit(`${site.authUrl}/oauth2/sign_out`)
    assert.equal((await agent.request(site.appUrl)).status, 401)
  })

  test('SEC-48: an outage of the store is an error, and no sign-out', async (t) => {
    const redis = await startRedis(t)
    if (!redis) return
    const redisStore = { session_store_type: 'redis', redis_connection_url: redis.url }
    const site = await start(t, redisStore)
    if (!site) return
    const agent = createUserAgent()
    await signIn(agent, site.appUrl)
    redis.freeze()
    const reply = await withinASecond(async () => {
      const answer = await agent.request(site.appUrl)
      assert.equal(answer.status, 500)
      return answer
    })
    assert.equal(reply.headers['set-cookie'], undefined)
    redis.thaw()
    await eventually(async () => {
      assert.equal((await agent.request(site.appUrl)).status, 200)
    })
  })
}
