import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request as httpRequest } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { suite, test, type TestContext } from 'node:test'
import { doctor } from '../../src/cli/doctor/doctor.ts'
import type { Cause } from '../../src/cli/doctor/finding.ts'
import { selfSigned } from '../support/certificate.ts'
import { startCaddy } from '../support/caddy.ts'
import { afterTest } from '../support/cleanup.ts'
import { startEnvoy } from '../support/envoy.ts'
import { startEnvoyGrpc } from '../support/envoy-grpc.ts'
import { startHaproxy } from '../support/haproxy.ts'
import { startBehindGateway, type GatewaySite } from '../support/gateway-site.ts'
import { readManifest } from '../support/manifests.ts'
import { startNginx } from '../support/nginx.ts'
import { startProcess } from '../support/process.ts'
import type { TomlValue } from '../support/sallyport.ts'
import { startTraefik, type DynamicConfig } from '../support/traefik.ts'

interface SetUp {
  readonly options?: Readonly<Record<string, TomlValue>>
  /** Starts the gateway in front of the site; undefined when this machine has none. */
  readonly start: (t: TestContext, site: GatewaySite) => Promise<object | undefined>
  /** What the doctor is asked about besides the site's app. */
  readonly url?: (site: GatewaySite) => string
  /** Flags that the doctor gets and the running Sallyport does not have. */
  readonly flags?: readonly string[]
  readonly finds: readonly Cause[]
  readonly says?: RegExp
}

const nginx =
  (change: (config: string) => string = (config) => config): SetUp['start'] =>
  (t, site) =>
    startNginx(t, 'debian', site.port, change(readManifest('nginx/nginx.conf', site)))

const traefik =
  (change?: (config: DynamicConfig) => object): SetUp['start'] =>
  (t, site) =>
    startTraefik(t, site, '', undefined, change)

const envoy =
  (change?: (file: string) => string): SetUp['start'] =>
  (t, site) =>
    startEnvoyGrpc(t, site, undefined, change)

/** Each line that matches is gone. */
const without = (line: RegExp) => (config: string) =>
  config
    .split('\n')
    .filter((text) => !line.test(text))
    .join('\n')

function routers(
  change: (
    name: string,
    router: DynamicConfig['http']['routers'][string],
  ) => { readonly middlewares: readonly string[] },
): (config: DynamicConfig) => object {
  return ({ http }) => ({
    http: {
      ...http,
      routers: Object.fromEntries(
        Object.entries(http.routers).map(([name, router]) => [name, change(name, router)]),
      ),
    },
  })
}

const stripped = ({ http }: DynamicConfig): object => ({
  http: {
    ...http,
    middlewares: { ...http.middlewares, strip: { stripPrefix: { prefixes: ['/team'] } } },
    routers: {
      ...http.routers,
      app: { ...http.routers['app'], middlewares: ['strip', 'sallyport'] },
    },
  },
})

const setUps: Readonly<Record<string, SetUp>> = {
  'nginx, as its example has it': { start: nginx(), finds: [] },
  'Traefik, as its example has it': { start: traefik(), finds: [] },
  'Envoy over gRPC, as its example has it': { start: envoy(), finds: [] },
  'Envoy over HTTP, as its example has it': { start: startEnvoy, finds: [] },
  'Caddy, as its example has it': { start: startCaddy, finds: [] },
  'HAProxy, as its example has it': { start: startHaproxy, finds: [] },
  'Caddy asks where nginx is expected': {
    start: (t, site) =>
      startCaddy(t, site, undefined, (file) => file.replaceAll('/check/caddy', '/auth')),
    finds: ['wrong-front'],
    says: /let it ask at \/oauth2\/check\/caddy$/m,
  },
  'nginx asks where Traefik is expected': {
    start: nginx((config) => config.replace('/oauth2/auth;', '/oauth2/check/traefik;')),
    finds: ['wrong-front'],
    says: /let it ask at \/oauth2\/auth$/m,
  },
  'Traefik asks where nginx is expected': {
    start: traefik(({ http }) => ({
      http: JSON.parse(JSON.stringify(http).replace('/check/traefik', '/auth')) as object,
    })),
    finds: ['wrong-front'],
    says: /let it ask at \/oauth2\/check\/traefik$/m,
  },
  'nginx does not say which URL it asks about': {
    start: nginx(without(/X-Original-/)),
    options: { reverse_proxy: false },
    finds: ['headers-missing'],
    says: /X-Original-URL/,
  },
  'nginx does not say the method': {
    start: nginx(without(/X-Original-Method/)),
    finds: ['method-lost'],
  },
  'nginx asks about another host': {
    start: nginx((config) =>
      config.replace(
        '$scheme://$http_host$request_uri;\n    proxy_set_header X-Original-M',
        '$scheme://app.internal$request_uri;\n    proxy_set_header X-Original-M',
      ),
    ),
    finds: ['host-changed'],
    says: /was told app\.internal/,
  },
  'Envoy keeps the cookies to itself': {
    start: envoy((file) =>
      file.replace(
        '"transport_api_version"',
        '"allowed_headers":{"patterns":[{"exact":"accept"},{"prefix":"sec-fetch-"},{"prefix":"x-"}]},"transport_api_version"',
      ),
    ),
    finds: ['cookie-not-passed'],
    says: /allowed_headers/,
  },
  'Envoy does not pass on what tells people from scripts': {
    start: envoy((file) =>
      file.replace(
        '"transport_api_version"',
        '"allowed_headers":{"patterns":[{"exact":"cookie"},{"prefix":"x-"}]},"transport_api_version"',
      ),
    ),
    finds: ['navigation-not-told'],
    says: /accept/i,
  },
  'Traefik strips a prefix before the check': {
    start: traefik(stripped),
    url: (site) => `${site.appUrl}/team/page`,
    finds: ['path-changed'],
    says: /asked for \/team\/page, Sallyport was told \/page/,
  },
  'Traefik has no middleware on the app': {
    start: traefik(routers((_name, router) => ({ ...router, middlewares: [] }))),
    finds: ['not-checked'],
  },
  'Traefik checks the sign-in too': {
    start: traefik(routers((_name, router) => ({ ...router, middlewares: ['sallyport'] }))),
    finds: ['redirect-loop'],
    says: /auth\.example\.localhost/,
  },
  'nothing at the name of the portal': {
    start: traefik(({ http: { routers: all, ...http } }) => ({
      http: { ...http, routers: { app: all['app'] } },
    })),
    finds: ['portal-missing'],
    says: /route \/oauth2\/ on auth\.example\.localhost/,
  },
  'the cookie stays at the portal': {
    start: traefik(),
    options: { cookie_domains: [] },
    finds: ['cookie-domain'],
    says: /both auth\.example\.localhost and app\.example\.localhost/,
  },
  'nobody may return to the app': {
    start: traefik(),
    options: { whitelist_domains: [] },
    finds: ['return-not-allowed'],
    says: /\.example\.localhost\) to whitelist_domains/,
  },
  'the gateway is not trusted': {
    start: traefik(),
    options: { trusted_proxy_ips: ['192.0.2.1'] },
    finds: ['untrusted-gateway'],
    says: /asked by 127\.0\.0\.1/,
  },
  'Envoy asks where nobody listens': {
    start: (t, site) => startEnvoyGrpc(t, site, [1]),
    finds: ['gateway-cannot-ask'],
  },
  'nginx leads nobody to the sign-in': {
    start: nginx(without(/error_page 401/)),
    finds: ['no-redirect'],
  },
  'the provider does not answer': {
    start: traefik(),
    options: { oidc_issuer_url: 'http://127.0.0.1:1' },
    finds: ['sign-in-unavailable'],
  },
  'the doctor has another cookie secret': {
    start: traefik(),
    flags: ['--cookie-secret=ffffffffffffffffffffffffffffffff'],
    finds: ['report-lost'],
  },
}

async function examine(
  url: string,
  port: number,
  { running }: GatewaySite,
  flags: readonly string[] = [],
): Promise<{ code: number; text: string }> {
  const lines: string[] = []
  const argv = [url, `--connect=127.0.0.1:${port}`, '--config', running.configPath, ...flags]
  const readFile = (path: string) => readFileSync(path, 'utf8')
  const code = await doctor({ argv, env: {}, readFile, print: (line) => lines.push(line) })
  return { code, text: lines.join('\n') }
}

const causesOf = (text: string): readonly string[] =>
  [...text.matchAll(/^([a-z-]+): /gm)].map(([, cause = '']) => cause)

suite('the doctor', { concurrency: 3 }, () => {
  for (const [name, { options, start, url, flags, finds, says = /./ }] of Object.entries(setUps)) {
    test(`${name}: ${finds.join(', ') || 'nothing is wrong'}`, async (t) => {
      const site = await startBehindGateway(t, { grpc_address: '127.0.0.1:0', ...options })
      if (!(await start(t, site))) return
      const { code, text } = await examine(url?.(site) ?? `${site.appUrl}/`, site.port, site, flags)
      assert.deepEqual(causesOf(text), finds, text)
      assert.match(text, says)
      assert.equal(code, finds.length === 0 ? 0 : 1)
      assert.equal(site.sampleApp.requests.filter(({ method }) => method !== 'GET').length, 0)
    })
  }

  test('TLS ends before a gateway that does not know: http-behind-tls', async (t) => {
    const site = await startBehindGateway(t)
    if (!(await nginx()(t, site))) return
    const { port, certPath } = await endTls(t, site.port)
    const args = [
      'src/main.ts',
      'doctor',
      `https://app.example.localhost:${port}/`,
      `--connect=127.0.0.1:${port}`,
      `--config=${site.running.configPath}`,
    ]
    const running = startProcess(t, process.execPath, args, {
      env: { NODE_EXTRA_CA_CERTS: certPath },
    })
    assert.equal(await running.exited, 1, running.output())
    assert.deepEqual(causesOf(running.output()), ['http-behind-tls'], running.output())
  })

  test('a name that does not answer: no-answer', async (t) => {
    const site = await startBehindGateway(t)
    const { code, text } = await examine(`${site.appUrl}/`, 1, site)
    assert.deepEqual(causesOf(text), ['no-answer'])
    assert.equal(code, 1)
  })
})

/** A load balancer that tells nobody about its TLS. */
async function endTls(
  t: TestContext,
  target: number,
): Promise<{ readonly port: number; readonly certPath: string }> {
  const { key, cert, certPath } = selfSigned(t, 'app.example.localhost')
  const server = createServer({ key, cert }, (incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    const onward = { host: '127.0.0.1', port: target, method, path, headers }
    incoming.pipe(
      httpRequest(onward, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(outgoing)
      }),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, certPath }
}
