import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { selfSigned } from '../../support/certificate.ts'
import { grpcPort, overTls, startEnvoyGrpc } from '../../support/envoy-grpc.ts'
import { eventually } from '../../support/eventually.ts'
import { defineScenarios } from '../../support/gateway-scenarios.ts'
import { startBehindGateway, type GatewaySite } from '../../support/gateway-site.ts'
import { appUrl } from '../../support/manifests.ts'
import { freePort, temporaryFolder } from '../../support/process.ts'
import { alice, bob } from '../../support/provider.ts'
import type { TomlValue } from '../../support/sallyport.ts'
import { signIn } from '../../support/sign-in.ts'
import { createUserAgent } from '../../support/user-agent.ts'

async function start(
  t: TestContext,
  options: Readonly<Record<string, TomlValue>> = {},
): Promise<GatewaySite | undefined> {
  const site = await startBehindGateway(t, { grpc_address: '127.0.0.1:0', ...options })
  const envoy = await startEnvoyGrpc(t, site)
  return envoy && site
}

const forged = {
  'x-auth-request-user': 'mallory',
  'X-Auth-Request-Email': 'mallory@example.com',
  'x-auth-request-groups': 'admin',
  'x-auth-request-access-token': 'mallory',
  x_auth_request_user: 'mallory',
  X_Auth_Request_Email: 'mallory',
  'x-forwarded-user': 'mallory',
  x_forwarded_groups: 'mallory',
  'x-auth-request-roles': 'mallory',
  'gap-auth': 'mallory',
}

defineScenarios({
  name: 'Envoy (gRPC)',
  start: (t, site, limits) => startEnvoyGrpc(t, site, undefined, withLimits(limits)),
  options: { grpc_address: '127.0.0.1:0' },
  leadsToSignIn: true,
  script: 401,
  relaysBodies: true,
  lostPost: 'the page with the form',
  passesCookies: true,
  unavailable: 503,
})

/** Of the whole app, as `context_extensions`. */
function withLimits(limits: string): (file: string) => string {
  if (limits === '') return (file) => file
  const context_extensions = Object.fromEntries(new URLSearchParams(limits))
  const perRoute = {
    'envoy.filters.http.ext_authz': {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute',
      check_settings: { context_extensions },
    },
  }
  const route = '{"match":{"prefix":"/"},"route":{"cluster":"app"}'
  return (file) =>
    file.replace(route, `${route},"typed_per_filter_config":${JSON.stringify(perRoute)}`)
}

suite('Envoy over gRPC', { concurrency: 4 }, () => {
  test('the app learns who it is, whatever the client says in whatever spelling', async (t) => {
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

  test('SEC-2, SEC-3: no client talks itself onto a skipped route', async (t) => {
    const site = await start(t, { skip_auth_routes: ['^/public/'] })
    if (!site) return
    const agent = createUserAgent()
    const headers = {
      'x-forwarded-uri': '/public/x',
      'x-forwarded-method': 'GET',
      'x-forwarded-host': 'public.example.localhost',
      'x-original-url': `${site.appUrl}/public/x`,
      'x-original-method': 'GET',
      'x-envoy-original-path': '/public/x',
      path: '/public/x',
      method: 'OPTIONS',
    }
    for (const path of ['/private', '/public/%2e%2e/private', '//public/x']) {
      const reply = await agent.request(`${site.appUrl}${path}`, { headers })
      assert.equal(reply.status, 401, path)
    }
    const skipped = await agent.request(`${site.appUrl}/public/x`, { headers: forged })
    assert.equal(skipped.status, 200)
    assert.doesNotMatch(JSON.stringify(site.sampleApp.requests), /mallory/)
  })

  test('SEC-42: the client of the log is the one that Envoy saw', async (t) => {
    // Envoy alone: the machine's own address, which may be a private one, is the client's.
    const site = await start(t, { trusted_proxy_ips: ['127.0.0.1'] })
    if (!site) return
    const headers = { 'x-forwarded-for': '203.0.113.66', 'x-real-ip': '203.0.113.66' }
    await createUserAgent().request(`${site.appUrl}/api`, { headers })
    await eventually(() => {
      const line = site.running.logs().find(({ front }) => front === 'envoy-grpc')
      // In place of a loopback peer, Envoy says the machine's own address.
      assert.ok(isIP(String(line?.['clientIp'])))
      assert.notEqual(line?.['clientIp'], '203.0.113.66')
    })
  })

  test('context_extensions of a route limit it, and say so on a page', async (t) => {
    const site = await start(t)
    if (!site) return
    const agents = { alice: createUserAgent(), bob: createUserAgent() }
    await signIn(agents.alice, site.appUrl)
    await signIn(agents.bob, site.appUrl, bob)
    const admin = `${site.appUrl}/admin/users`
    assert.equal((await agents.alice.visit(admin)).status, 200)
    assert.equal((await agents.bob.visit(site.appUrl)).status, 200)
    const refused = await agents.bob.visit(admin)
    assert.equal(refused.status, 403)
    assert.equal(refused.headers['content-type'], 'text/html; charset=utf-8')
    assert.match(String(refused.headers['content-security-policy']), /default-src 'none'/)
    assert.match(refused.body, /bob/)
  })

  test('a refreshed cookie reaches the browser beside a cookie of the app', async (t) => {
    const site = await start(t, { cookie_refresh: '1s' })
    if (!site) return
    const agent = createUserAgent()
    await signIn(agent, site.appUrl)
    const before = agent.cookies.header(new URL(site.appUrl))
    await eventually(async () => {
      const reply = await agent.request(`${site.appUrl}/theme`)
      assert.equal(reply.status, 200)
      const names = reply.headers['set-cookie']?.map((cookie) => cookie.split('=')[0] ?? '')
      assert.deepEqual(names?.toSorted(), ['_oauth2_proxy', 'theme'])
    })
    const after = agent.cookies.header(new URL(site.appUrl))
    assert.notEqual(after, before)
    assert.equal((await agent.request(site.appUrl)).status, 200)
  })

  test('a refused session is cleared from the browser with the redirect', async (t) => {
    const site = await start(t, { cookie_refresh: '1s' })
    if (!site) return
    const agent = createUserAgent()
    await signIn(agent, site.appUrl)
    site.provider.revokeRefreshTokens()
    await eventually(async () => {
      const reply = await agent.request(site.appUrl, { headers: { accept: 'text/html' } })
      assert.equal(reply.status, 302)
      assert.match(reply.headers['set-cookie']?.[0] ?? '', /^_oauth2_proxy=;.*Max-Age=0/)
    })
  })

  test('a Sallyport that is gone lets nobody pass', async (t) => {
    const site = await start(t, { skip_auth_routes: ['^/public/'] })
    if (!site) return
    const url = `${site.appUrl}/public/x`
    assert.equal((await createUserAgent().request(url)).status, 200)
    await site.running.stop('SIGKILL')
    assert.equal((await createUserAgent().request(url)).status, 503)
  })
})

test('SEC-50: SIGTERM of one replica under load loses no request', async (t) => {
  const options = { skip_auth_routes: ['^/'], grpc_address: '127.0.0.1:0' }
  const leaving = await startBehindGateway(t, options)
  const staying = await startBehindGateway(t, options)
  const replicas = [leaving, staying].map(({ running }) => grpcPort(running))
  const envoy = await startEnvoyGrpc(t, leaving, replicas)
  if (!envoy) return
  const statuses = new Set<number>()
  const over = new AbortController()
  async function client(): Promise<void> {
    while (!over.signal.aborted)
      statuses.add((await createUserAgent().request(leaving.appUrl)).status)
  }
  const checksOf = (site: GatewaySite): number =>
    site.running.logs().filter(({ msg, front }) => msg === 'request' && front === 'envoy-grpc')
      .length
  const load = Array.from({ length: 8 }, client)
  await eventually(() => assert.ok(checksOf(leaving) > 20 && checksOf(staying) > 20))
  assert.equal(await leaving.running.stop('SIGTERM'), 0)
  const alone = checksOf(staying)
  await eventually(() => assert.ok(checksOf(staying) > alone + 20))
  over.abort()
  await Promise.all(load)
  assert.deepEqual([...statuses], [200])
})

interface Certificate {
  readonly cert: string
  readonly key: string
}

/** An Envoy that shows this certificate, and takes Sallyport for who has that one. */
async function askOverTls(
  t: TestContext,
  site: GatewaySite,
  { shows, trusts }: { readonly shows: Certificate; readonly trusts: Certificate },
): Promise<number | undefined> {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'ca.crt'), trusts.cert)
  writeFileSync(join(folder, 'tls.crt'), shows.cert)
  writeFileSync(join(folder, 'tls.key'), shows.key)
  const mine = { ...site, port: await freePort() }
  const envoy = await startEnvoyGrpc(t, mine, undefined, overTls(folder))
  return envoy && (await createUserAgent().request(`${appUrl(mine)}/public/x`)).status
}

test('over TLS: both sides look at certificates, and a renewed one is served', async (t) => {
  const names = ['sallyport-grpc.sallyport.svc', 'sallyport-grpc.sallyport.svc', 'another']
  const [first, renewed, another] = names.map((name) => selfSigned(t, name))
  const [gateway, stranger] = ['gateway', 'stranger'].map((name) => selfSigned(t, name))
  assert.ok(first && renewed && another && gateway && stranger)
  const folder = temporaryFolder(t)
  const serveWith = ({ cert, key }: Certificate): void => {
    writeFileSync(join(folder, 'tls.crt'), cert)
    writeFileSync(join(folder, 'tls.key'), key)
  }
  serveWith(first)
  writeFileSync(join(folder, 'clients.crt'), gateway.cert)
  const site = await startBehindGateway(t, {
    skip_auth_routes: ['^/public/'],
    grpc_address: '127.0.0.1:0',
    grpc_tls_cert_file: join(folder, 'tls.crt'),
    grpc_tls_key_file: join(folder, 'tls.key'),
    grpc_tls_client_ca_file: join(folder, 'clients.crt'),
  })
  const status = await askOverTls(t, site, { shows: gateway, trusts: first })
  if (status === undefined) return
  assert.equal(status, 200)
  assert.equal(await askOverTls(t, site, { shows: stranger, trusts: first }), 503)
  assert.equal(await askOverTls(t, site, { shows: gateway, trusts: renewed }), 503)

  serveWith(renewed)
  await site.running.line(/"msg":"certificate reloaded"/)
  assert.equal(await askOverTls(t, site, { shows: gateway, trusts: renewed }), 200)
  serveWith(another)
  await eventually(() => {
    const reloads = site.running.logs().filter(({ msg }) => msg === 'certificate reloaded')
    assert.equal(reloads.length, 2)
  })
  assert.equal(await askOverTls(t, site, { shows: gateway, trusts: another }), 503, 'its name')
})
