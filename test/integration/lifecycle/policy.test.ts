// Who may pass, asked as nginx and as Traefik ask: the test is the gateway, a trusted peer.
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/process.ts'
import { alice, bob, startProvider } from '../../support/provider.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'
import { appHost, check, signInByHand, signedIn, startService, type Service } from './harness.ts'

interface Question {
  readonly method?: string
  /** The method of the check itself. */
  readonly own?: string
  readonly uri?: string
  readonly clientIp?: string
  readonly headers?: Readonly<Record<string, string>>
}

interface Gateway {
  readonly name: string
  readonly allowed: number
  /** Of a person's navigation, of anything else. */
  readonly signIn: readonly [number, number]
  ask(agent: UserAgent, service: Service, question?: Question): Promise<Reply>
}

const gateways: readonly Gateway[] = [
  {
    name: 'nginx',
    allowed: 202,
    signIn: [401, 401],
    ask: (
      agent,
      service,
      { method = 'GET', own = 'GET', uri = '/', clientIp = '203.0.113.7', headers } = {},
    ) =>
      agent.request(service.at('/oauth2/auth', 'sallyport.internal'), {
        method: own,
        headers: {
          'x-original-url': `http://${appHost}${uri}`,
          'x-original-method': method,
          'x-real-ip': clientIp,
          ...headers,
        },
      }),
  },
  {
    name: 'Traefik',
    allowed: 200,
    signIn: [302, 401],
    ask: (
      agent,
      service,
      { method = 'GET', own = 'GET', uri = '/', clientIp = '203.0.113.7', headers } = {},
    ) =>
      agent.request(service.at('/oauth2/check/traefik', 'sallyport.internal'), {
        method: own,
        headers: {
          'x-forwarded-method': method,
          'x-forwarded-proto': 'http',
          'x-forwarded-host': appHost,
          'x-forwarded-uri': uri,
          'x-real-ip': clientIp,
          ...headers,
        },
      }),
  },
]

const browser = { accept: 'text/html' }
const stranger = createUserAgent()
const forwarded = { reverse_proxy: true }

/** A browser of this person with a session, sent to the gateway's name for the service. */
async function personAt(service: Service, user = alice): Promise<UserAgent> {
  const agent = await signedIn(service, user)
  const cookies = agent.cookies.header(new URL(service.at('/'))) ?? ''
  agent.cookies.store(new URL(service.at('/', 'sallyport.internal')), cookies.split('; '))
  return agent
}

for (const gateway of gateways) {
  const { name, allowed, ask } = gateway
  const [navigation, script] = gateway.signIn

  test(`${name}: people are let through, strangers are asked to sign in`, async (t) => {
    const service = await startService(t, await startProvider(t), {
      ...forwarded,
      set_xauthrequest: true,
    })
    const agent = await personAt(service)
    const passed = await ask(agent, service, { uri: '/deep?x=1' })
    assert.equal(passed.status, allowed)
    assert.equal(passed.headers['x-auth-request-email'], alice.email)
    const asked = await ask(stranger, service, { uri: '/deep?x=1', headers: browser })
    assert.equal(asked.status, navigation)
    if (navigation === 302) {
      const location = new URL(asked.headers.location ?? '')
      assert.equal(location.href, `http://${appHost}/oauth2/sign_in?rd=%2Fdeep%3Fx%3D1`)
    }
    assert.equal((await ask(stranger, service)).status, script)
    assert.equal((await ask(agent, service, { headers: { cookie: '' } })).status, script)
  })

  test(`${name}: may ask with the method and headers of the client, whatever they are`, async (t) => {
    const service = await startService(t, await startProvider(t))
    const agent = await personAt(service)
    const headers = { 'content-type': 'none at all' }
    for (const method of ['HEAD', 'POST', 'PROPFIND', 'MKCOL', 'REPORT', 'M-SEARCH', 'QUERY']) {
      const question = { method, own: method, headers }
      assert.equal((await ask(agent, service, question)).status, allowed, method)
      assert.equal((await ask(stranger, service, question)).status, script, method)
    }
  })

  test(`${name}: email_domains and allowed_groups count at every check`, async (t) => {
    const provider = await startProvider(t)
    const open = await startService(t, provider)
    const [anAdmin, aDeveloper] = [await personAt(open, alice), await personAt(open, bob)]
    for (const [settings, admin, developer] of [
      [{ email_domains: ['example.com'] }, allowed, allowed],
      [{ email_domains: ['EXAMPLE.com'] }, allowed, allowed],
      [{ email_domains: ['.example.com'] }, 403, 403],
      [{ email_domains: ['example.org', 'ample.com'] }, 403, 403],
      [{ allowed_groups: ['admin'] }, allowed, 403],
      [{ allowed_groups: ['owner', 'dev'] }, allowed, allowed],
      [{ allowed_groups: ['Admin'] }, 403, 403],
    ] as const) {
      const service = await startService(t, provider, settings)
      const text = JSON.stringify(settings)
      assert.equal((await ask(anAdmin, service)).status, admin, text)
      const reply = await ask(aDeveloper, service)
      assert.equal(reply.status, developer, text)
      assert.equal(reply.headers['gap-auth'] === undefined, developer === 403)
    }
  })

  test(`${name}: skip_auth_routes opens what it names, and nothing else`, async (t) => {
    const settings = {
      ...forwarded,
      skip_auth_routes: ['^/open/', 'GET=^/feed$', 'POST!=^/(?:admin|api)'],
      skip_auth_regex: ['^/health$'],
    }
    const service = await startService(t, await startProvider(t), settings)
    for (const [method, uri, isOpen] of [
      ['GET', '/open/a', true],
      ['DELETE', '/open/a?x=/y', true],
      ['GET', '/feed', true],
      ['GET', '/feed?full=1', true],
      ['PUT', '/feed', false],
      ['POST', '/form', true],
      ['POST', '/admin', false],
      ['GET', '/health', true],
      ['GET', '/other', false],
      ['GET', '/other?/open/', false],
      ['GET', '/open/../admin', false],
      ['GET', '/open/%2e%2e/admin', false],
      ['GET', '//open/a', false],
      ['GET', '/admin%23/open/', false],
    ] as const) {
      const { status, headers } = await ask(stranger, service, { method, uri })
      assert.equal(status, isOpen ? allowed : script, `${method} ${uri}`)
      assert.equal(headers['gap-auth'], undefined)
    }
    const agent = await personAt(service)
    const known = await ask(agent, service, { uri: '/open/a' })
    assert.equal(known.headers['gap-auth'], alice.email, 'who is signed in is named all the same')
  })

  test(`${name}: skip_auth_preflight lets OPTIONS through`, async (t) => {
    const provider = await startProvider(t)
    const service = await startService(t, provider, { skip_auth_preflight: true })
    assert.equal((await ask(stranger, service, { method: 'OPTIONS' })).status, allowed)
    assert.equal((await ask(stranger, service, { method: 'options' })).status, script)
    assert.equal((await ask(stranger, service)).status, script)
    const closed = await startService(t, provider)
    assert.equal((await ask(stranger, closed, { method: 'OPTIONS' })).status, script)
  })

  test(`${name}: trusted_ips are clients as the gateway names them`, async (t) => {
    const provider = await startProvider(t)
    const trusted_ips = ['198.51.100.0/24', '2001:db8::/32']
    const service = await startService(t, provider, { ...forwarded, trusted_ips })
    for (const [clientIp, isTrusted] of [
      ['198.51.100.9', true],
      ['::ffff:198.51.100.9', true],
      ['2001:db8::9', true],
      ['203.0.113.7', false],
      ['198.51.100.9, 203.0.113.7', false],
      ['', false],
    ] as const) {
      const { status } = await ask(stranger, service, { clientIp })
      assert.equal(status, isTrusted ? allowed : script, clientIp)
    }
    const direct = await startService(t, provider, { trusted_ips })
    const { status } = await ask(stranger, direct, { clientIp: '198.51.100.9' })
    assert.equal(status, script, 'without reverse_proxy nobody names clients')
  })
}

test('SEC-2: from a peer that is no trusted proxy no forwarded header counts', async (t) => {
  const service = await startService(t, await startProvider(t), {
    ...forwarded,
    trusted_proxy_ips: ['10.0.0.0/8'],
    trusted_ips: ['198.51.100.0/24'],
    skip_auth_routes: ['^/open$'],
    skip_auth_preflight: true,
    cookie_domains: ['example.com', 'evil.example'],
    whitelist_domains: ['evil.example'],
  })
  const [nginx, traefik] = gateways as readonly [Gateway, Gateway]
  const claims = { uri: '/open', method: 'OPTIONS', clientIp: '198.51.100.9' }
  assert.equal((await nginx.ask(stranger, service, claims)).status, 401)
  const headers = { 'x-forwarded-uri': '/open', 'x-forwarded-host': 'evil.example' }
  assert.equal((await stranger.request(service.at('/oauth2/auth'), { headers })).status, 401)

  const agent = await personAt(service)
  assert.equal((await nginx.ask(agent, service, claims)).status, 202, 'the session is its own')
  const refused = await traefik.ask(agent, service, claims)
  assert.equal(refused.status, 403)
  assert.equal(refused.headers['gap-auth'], undefined)
  const line = service.logs().find(({ msg }) => msg === 'request refused')
  assert.match(String(line?.['message']), /trusted_proxy_ips/)

  const started = await createUserAgent().request(service.at('/oauth2/start'), { headers })
  const location = new URL(started.headers.location ?? '')
  assert.equal(location.searchParams.get('redirect_uri'), service.at('/oauth2/callback'))
  assert.match(started.headers['set-cookie']?.[0] ?? '', /Domain=example\.com/)
})

test('authenticated_emails_file lets people in by name, and is read again when it changes', async (t) => {
  const file = join(temporaryFolder(t), 'emails.csv')
  writeFileSync(file, `# people\nALICE@example.com,Alice\n`)
  const service = await startService(t, await startProvider(t), {
    email_domains: ['example.org'],
    authenticated_emails_file: file,
  })
  const agent = await signedIn(service)
  assert.equal((await check(agent, service)).status, 202)
  const { ended } = await signInByHand(service, createUserAgent(), { user: bob })
  assert.equal(ended.status, 403)
  assert.match(ended.body, /email-not-allowed/)

  // Swapped in one step, as a ConfigMap is.
  writeFileSync(`${file}.new`, `${bob.email}\n`)
  renameSync(`${file}.new`, file)
  await eventually(
    async () => {
      assert.equal((await check(agent, service)).status, 403)
    },
    { intervalMs: 200 },
  )
  assert.equal((await check(await signedIn(service, bob), service)).status, 202)
})
