// SEC-3 to SEC-5 through real gateways: whatever a client without a session sends, nothing reaches
// the app but what the one skipped route means, however loosely the app reads the path.
import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { test, type TestContext } from 'node:test'
import { startCaddy } from '../support/caddy.ts'
import { startEnvoy } from '../support/envoy.ts'
import { startEnvoyGrpc } from '../support/envoy-grpc.ts'
import { startBehindGateway, type GatewaySite } from '../support/gateway-site.ts'
import { startHaproxy } from '../support/haproxy.ts'
import { renderIngressNginx } from '../support/ingress-nginx.ts'
import { readManifest } from '../support/manifests.ts'
import { renderNginxGatewayFabric } from '../support/nginx-gateway-fabric.ts'
import { startNginx } from '../support/nginx.ts'
import { startTraefik } from '../support/traefik.ts'

const skipped = ['GET=^/public/']

const gateways: Readonly<Record<string, (t: TestContext, site: GatewaySite) => Promise<unknown>>> =
  {
    'plain nginx': (t, site) =>
      startNginx(t, 'debian', site.port, readManifest('nginx/nginx.conf', site)),
    'ingress-nginx': (t, site) => {
      const annotations = { 'auth-url': `${site.running.url}/oauth2/auth` }
      return startNginx(t, 'debian', site.port, renderIngressNginx(site, annotations))
    },
    Traefik: (t, site) => startTraefik(t, site),
    Caddy: (t, site) => startCaddy(t, site),
    Envoy: (t, site) => startEnvoy(t, site),
    'NGINX Gateway Fabric': (t, site) =>
      startNginx(t, 'newer', site.port, renderNginxGatewayFabric(site)),
    'Envoy over gRPC': (t, site) => startEnvoyGrpc(t, site),
    HAProxy: (t, site) => startHaproxy(t, site),
  }

const methods = ['GET', 'POST', 'OPTIONS', 'HEAD', 'TRACE', 'get', 'FOO']

const targets = [
  '/admin',
  '/public/../admin',
  '/public/..%2fadmin',
  '/public/%2e%2e/admin',
  '/public/%252e%252e/admin',
  '/public/..;/admin',
  '/public/..%3b/admin',
  '/public/;/../../admin',
  '/public/..\\admin',
  '/public/%5c..%5cadmin',
  '/public/%00/../admin',
  '/public/.%00./admin',
  '/public/%c0%ae%c0%ae/admin',
  '/public/%ef%bc%8e%ef%bc%8e/admin',
  '/admin#/public/',
  '/admin%23/public/',
  '/admin?/public/',
  '/admin%3f/public/',
  '/admin;/public/',
  '//public/../admin',
  '//evil.example/public/',
  '/./public/../admin',
  '/admin/..%2fpublic/',
  '/admin//../public/',
  '/public/./../admin',
  '/public//../admin',
  '/public/a/../../admin',
  '/public/a/..%2f../admin',
  '/PUBLIC/../admin',
  'http://app.example.localhost/public/../admin',
  'http://evil.example/public/x',
]

const lies = [
  '',
  'X-Original-URL: http://app.example.localhost/public/',
  'X-Original-URL: http://app.example.localhost/public/\r\nX-Original-Method: GET',
  'X_Original_URL: http://app.example.localhost/public/',
  'X-Original-URI: /public/',
  'X-Rewrite-URL: /public/',
  'X-Forwarded-Uri: /public/\r\nX-Forwarded-Method: GET',
  'X-Forwarded-Uri: /public/\r\nConnection: close, X-Original-URL, X-Original-Method',
  'Connection: close, X-Forwarded-Uri, X-Forwarded-Method, X-Forwarded-Host',
  'X-Forwarded-Method: OPTIONS\r\nX-Original-Method: OPTIONS',
  'X-HTTP-Method-Override: GET',
  'X-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1',
  'Forwarded: for=127.0.0.1;host=app.example.localhost',
  'Path: /public/\r\nMethod: GET',
  'X-Envoy-Original-Path: /public/\r\nX-Envoy-Original-Host: app.example.localhost',
  ':path: /public/',
]

/** What the app of the least careful kind makes of a request target. */
function looselyRead(target: string): string {
  let path = target.replace(/^https?:\/\/[^/]*/i, '')
  for (let times = 0; times < 3; times += 1) {
    path = decodeURIComponent(path.replaceAll(/%(?![\da-f]{2})/gi, '%25').replace(/%c0%ae/gi, '.'))
  }
  path = path
    .normalize('NFKC')
    .replace(/[?#].*$/s, '')
    .replaceAll(/;[^/]*/g, '')
    .replaceAll('\\', '/')
    .replaceAll('\0', '')
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}`
}

for (const [name, start] of Object.entries(gateways)) {
  test(`SEC-3, SEC-4, SEC-5: no path, method or header opens ${name}`, async (t) => {
    const options = { skip_auth_routes: skipped, grpc_address: '127.0.0.1:0' }
    const site = await startBehindGateway(t, options)
    if ((await start(t, site)) === undefined) return
    const requests: (readonly [method: string, target: string, lie: string])[] = [
      ...methods.flatMap((method) => targets.map((target) => [method, target, ''] as const)),
      ...lies.flatMap((lie) => ['GET', 'POST'].map((method) => [method, '/admin', lie] as const)),
      ...lies.map((lie) => ['POST', '/public/x', lie] as const),
    ]
    await Promise.all(requests.map((request) => send(site.port, ...request)))
    const opened = site.sampleApp.requests.filter(
      ({ method, url }) => method !== 'GET' || !/^\/public(?:\/|$)/.test(looselyRead(url)),
    )
    assert.deepEqual(
      opened.map(({ method, url }) => `${method} ${url}`),
      [],
    )

    await send(site.port, 'GET', '/public/x', '')
    assert.ok(
      site.sampleApp.requests.some(({ url }) => url === '/public/x'),
      'the route is open',
    )
  })
}

/** Resolves when the gateway closed the connection. */
function send(port: number, method: string, target: string, lie: string): Promise<void> {
  const fields = ['Host: app.example.localhost', 'Connection: close', 'Content-Length: 0', lie]
  const head = `${method} ${target} HTTP/1.1\r\n${fields.filter(Boolean).join('\r\n')}\r\n\r\n`
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head))
    socket.on('error', () => {})
    socket.on('close', () => resolve())
    socket.resume()
  })
}
