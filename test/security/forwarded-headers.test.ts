import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import type { AuthRequest } from '../../src/core/auth-request.ts'
import type { RequestHeaders } from '../../src/core/http.ts'
import type { SkipRoute } from '../../src/core/skip-route.ts'
import type { Front } from '../../src/fronts/front.ts'
import { createCaddyFront } from '../../src/fronts/caddy.ts'
import { createEnvoyFront } from '../../src/fronts/envoy.ts'
import { createHaproxyFront } from '../../src/fronts/haproxy.ts'
import { createNgfFront } from '../../src/fronts/ngf.ts'
import { createNginxFront } from '../../src/fronts/nginx.ts'
import { createProxyFront } from '../../src/fronts/proxy.ts'
import { createTraefikFront } from '../../src/fronts/traefik.ts'
import { privateRanges } from '../../src/lib/ip.ts'
import { createSkipRules } from '../../src/policy/skip-rules.ts'
import { accepted, gateway, privateTrust, rawRequest, stranger } from '../support/fronts.ts'

const options = { force_json_errors: false, api_routes: [], upstreams: [] }
const client = '198.51.100.23'

const isSkipped = createSkipRules([
  skipRoute('GET', /^\/public\//),
  skipRoute('', /^\/open$/),
  skipRoute('', /^\/(admin|public)/, true),
])

function skipRoute(method: string, pattern: RegExp, negate = false): SkipRoute {
  return { method, negate, pattern: { source: pattern.source, test: (text) => pattern.test(text) } }
}

/** Would the request pass without a session, by route, as a preflight or by its address? */
function isOpen(request: AuthRequest): boolean {
  const isTrusted = privateRanges.some((range) => range.contains(request.clientIp))
  return isSkipped(request) || request.method === 'OPTIONS' || isTrusted
}

/** A request that nobody may make without a session. */
interface Guarded {
  readonly method: string
  readonly uri: string
}

const guarded: readonly Guarded[] = [
  { method: 'GET', uri: '/admin' },
  { method: 'POST', uri: '/admin/users?next=/public/' },
  { method: 'DELETE', uri: '/public%2f..%2fadmin' },
]

interface Gateway {
  readonly front: Front
  /** What reaches us: the gateway's own headers, and the client's where it lets them through. */
  readonly pass: (request: Guarded, fromClient: RequestHeaders) => RequestHeaders
}

const recipe: Gateway['pass'] = ({ uri }, fromClient) => ({
  ...fromClient,
  host: 'app.example.com',
  'x-forwarded-for': client,
  'x-forwarded-uri': uri,
})

const asForwarded: Gateway['pass'] = ({ method, uri }, fromClient) => ({
  ...fromClient,
  host: 'auth.svc',
  'x-forwarded-for': client,
  'x-forwarded-method': method,
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-uri': uri,
})

const gateways: Readonly<Record<string, Gateway>> = {
  'ingress-nginx': {
    front: createNginxFront({ trust: privateTrust() }),
    pass: ({ method, uri }, fromClient) => ({
      ...fromClient,
      host: 'auth.svc',
      'x-forwarded-for': client,
      'x-forwarded-proto': undefined,
      'x-original-url': `https://app.example.com${uri}`,
      'x-original-method': method,
    }),
  },
  'plain nginx, set up as for oauth2-proxy': {
    front: createNginxFront({ trust: privateTrust() }),
    pass: recipe,
  },
  Traefik: { front: createTraefikFront({ trust: privateTrust() }), pass: asForwarded },
  Caddy: { front: createCaddyFront({ trust: privateTrust() }), pass: asForwarded },
  // Sends listed headers only, so X-Real-IP, which nobody there sets, is never one of them.
  'NGINX Gateway Fabric': {
    front: createNgfFront({ trust: privateTrust(), path: '/oauth2/check/ngf' }),
    pass: ({ method, uri }, fromClient) => ({
      ...fromClient,
      host: 'app.example.com',
      path: uri,
      method,
    }),
  },
  HAProxy: {
    front: createHaproxyFront({ trust: privateTrust() }),
    pass: ({ method, uri }, fromClient) => ({
      ...fromClient,
      host: 'auth.svc',
      'x-forwarded-for': client,
      'x-original-url': `https://app.example.com${uri}`,
      'x-original-method': method,
    }),
  },
}

const spoofs = {
  'x-forwarded-uri': ['/public/', '/open', '/other', '/admin', '//x/public/', '/public/#'],
  'x-forwarded-host': ['evil.example', 'app.example.com'],
  'x-forwarded-proto': ['https', 'http'],
  'x-forwarded-method': ['OPTIONS', 'GET'],
  'x-forwarded-prefix': ['/public/'],
  'x-original-url': [
    'https://app.example.com/public/',
    'https://app.example.com/admin',
    'https://app.example.com/open',
    'https://app.example.com/other',
    '/public/',
  ],
  'x-original-method': ['OPTIONS', 'GET', 'POST'],
  'x-original-uri': ['/public/'],
  'x-rewrite-url': ['/public/'],
  'x-http-method-override': ['OPTIONS'],
  'x-real-ip': ['10.0.0.1'],
  'x-client-ip': ['10.0.0.1'],
  'cf-connecting-ip': ['10.0.0.1'],
  forwarded: ['for=10.0.0.1;host=evil.example;proto=http'],
  path: ['/public/'],
  method: ['OPTIONS'],
  'user-agent': ['kube-probe/1.31', 'GoogleHC/1.0'],
} as const

const clientHeaders: fc.Arbitrary<RequestHeaders> = fc.record(
  Object.fromEntries(
    Object.entries(spoofs).map(([name, values]) => [name, fc.constantFrom(...values)]),
  ),
  { requiredKeys: [] },
)

for (const [name, { front, pass }] of Object.entries(gateways)) {
  test(`SEC-2, SEC-3: no header of a client opens a guarded request through ${name}`, () => {
    fc.assert(
      fc.property(fc.constantFrom(...guarded), clientHeaders, (request, fromClient) => {
        const headers = pass(request, fromClient)
        const read = front.read(rawRequest({ url: '/oauth2/auth', headers }))
        assert.ok(!read.ok || !isOpen(read.request), JSON.stringify(fromClient))
      }),
      { numRuns: 3000 },
    )
  })
}

test('SEC-3: nor through Envoy, which asks about the request by itself', () => {
  const path = '/oauth2/check/envoy'
  const front = createEnvoyFront({ trust: privateTrust(), path })
  fc.assert(
    fc.property(fc.constantFrom(...guarded), clientHeaders, (request, fromClient) => {
      const headers = {
        ...fromClient,
        host: 'app.example.com',
        'x-forwarded-for': client,
        'x-forwarded-proto': 'https',
      }
      const raw = rawRequest({ method: request.method, url: `${path}${request.uri}`, headers })
      assert.equal(isOpen(accepted(front.read(raw))), false, JSON.stringify(fromClient))
    }),
    { numRuns: 3000 },
  )
})

test('SEC-3: nor through plain nginx without reverse_proxy', () => {
  const front = createNginxFront({ trust: privateTrust(false) })
  fc.assert(
    fc.property(fc.constantFrom(...guarded), clientHeaders, (request, fromClient) => {
      const headers = recipe(request, fromClient)
      const read = accepted(front.read(rawRequest({ url: '/oauth2/auth', headers })))
      assert.ok(!isSkipped(read) && read.method !== 'OPTIONS', JSON.stringify(fromClient))
    }),
    { numRuns: 3000 },
  )
})

test('SEC-3: a GET route stays shut for a POST that claims to be a GET', () => {
  const { front, pass } = gateways['ingress-nginx'] as Gateway
  const headers = pass({ method: 'POST', uri: '/public/' }, { 'x-forwarded-uri': '/public/' })
  assert.equal(isOpen(accepted(front.read(rawRequest({ headers })))), false)
})

describe('the guard is not shut for everyone', () => {
  for (const [name, { front, pass }] of Object.entries(gateways)) {
    test(`an honest request of an open route passes through ${name}`, () => {
      const headers = pass({ method: 'GET', uri: '/public/a' }, {})
      assert.equal(isOpen(accepted(front.read(rawRequest({ headers })))), true)
    })
  }
})

describe('SEC-2: a stranger’s headers count nowhere', () => {
  const trust = privateTrust()
  const fronts = [
    createNginxFront({ trust }),
    createTraefikFront({ trust }),
    createProxyFront({ trust, options }),
  ]
  for (const front of fronts) {
    test(`with the ${front.name} front`, () => {
      fc.assert(
        fc.property(clientHeaders, (fromClient) => {
          const headers = { ...fromClient, host: 'app.example.com', 'x-forwarded-for': '10.0.0.1' }
          const raw = rawRequest({ method: 'POST', url: '/admin', headers, peer: stranger })
          const read = front.read(raw)
          if (!read.ok) return
          const { scheme, host, method, clientIp } = read.request
          assert.equal(isOpen(read.request), false)
          assert.deepEqual(
            { scheme, method, clientIp },
            { scheme: 'http', method: 'POST', clientIp: stranger },
          )
          assert.equal(host, front.name === 'proxy' ? 'app.example.com' : '')
        }),
      )
    })
  }
})

test('SEC-2: in proxy mode no rule sees another path than the upstream', () => {
  const front = createProxyFront({ trust: privateTrust(), options })
  fc.assert(
    fc.property(clientHeaders, (fromClient) => {
      const headers = { ...fromClient, host: 'app.example.com', 'x-forwarded-for': client }
      const raw = rawRequest({ method: 'PUT', url: '/admin?a=/public/', headers, peer: gateway })
      const { method, uri, rulePath } = accepted(front.read(raw))
      assert.deepEqual(
        { method, uri, rulePath },
        { method: 'PUT', uri: raw.url, rulePath: '/admin' },
      )
    }),
  )
})

test('SEC-42: a client inside X-Forwarded-For cannot place itself into trusted_ips', () => {
  const trust = privateTrust()
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.1', '::1', 'unknown', ''))
  fc.assert(
    fc.property(
      fc.array(address),
      fc.constantFrom('', ', 10.0.0.3', ',10.0.0.4:80'),
      (made, hops) => {
        const chain = `${[...made, client].join(', ')}${hops}`
        const headers = { 'x-forwarded-for': chain }
        assert.equal(trust.clientIp({ peer: gateway, headers }), client)
      },
    ),
  )
})
