import assert from 'node:assert/strict'
import { test } from 'node:test'
import { helmTemplate, requiredValues, requireHelms, withRequired } from '../support/chart.ts'

const redis = { session_store_type: 'redis' }

/** Values that the chart refuses, and what it says. */
const refused: readonly (readonly [name: string, values: object, says: RegExp])[] = [
  ['no issuer', { config: { oidc_issuer_url: '' } }, /add: --set config\.oidc_issuer_url=/],
  ['no client', { config: { client_id: '' } }, /add: --set-string config\.client_id=/],
  [
    'no Secret',
    { existingSecret: '' },
    /keys client-secret, cookie-secret .* add: --set existingSecret=/,
  ],
  [
    'no cookie secret',
    { secrets: { cookie_secret: { key: '' } } },
    /add: --set secrets\.cookie_secret\.key=/,
  ],
  [
    'neither client secret nor PKCE',
    { secrets: { client_secret: { key: '' } } },
    /add: --set config\.code_challenge_method=S256/,
  ],
  [
    'a secret as a value',
    { config: { client_secret: 'x' } },
    /config\.client_secret would be readable .* secrets\.client_secret\.key=KEY/,
  ],
  [
    'a password in the URL of Redis',
    { config: { ...redis, redis_connection_url: 'redis://:x@redis' } },
    /config\.redis_connection_url would be readable/,
  ],
  ['redis without a URL', { config: redis }, /add: --set config\.redis_connection_url=/],
  [
    'the file of a secret',
    { config: { cookie_secret_file: '/x' } },
    /config\.cookie_secret_file is what the chart sets/,
  ],
  [
    'an address',
    { config: { http_address: ':1' } },
    /config\.http_address is what the chart sets; instead add: --set ports\.http=/,
  ],
  [
    'a certificate',
    { config: { tls_cert_file: '/x' } },
    /config\.tls_cert_file is what the chart sets; instead add: --set tls\.secretName=/,
  ],
  [
    'a BackendTLSPolicy without TLS',
    { gatewayApi: { backendTLSPolicy: { enabled: true } } },
    /speaks TLS; add: --set tls\.secretName=SECRET/,
  ],
  [
    'sessions of one process in two',
    { config: { session_store_type: 'memory' } },
    /add: --set replicaCount=1/,
  ],
  [
    'no time to drain',
    { terminationGracePeriodSeconds: 14 },
    /add: --set terminationGracePeriodSeconds=15/,
  ],
  [
    'two sources of certificates',
    { trustedCA: { configMapName: 'a', secretName: 'b' } },
    /trustedCA takes one source/,
  ],
  ['an Ingress without a host', { ingress: { enabled: true } }, /add: --set portal\.host=/],
  [
    'an HTTPRoute without a host',
    { httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] } },
    /add: --set portal\.host=/,
  ],
  [
    'probes of a path that is not served',
    { config: { ping_path: '' } },
    /the probes need config\.ping_path/,
  ],
  [
    'everyone of Google',
    { config: { oidc_issuer_url: 'https://accounts.google.com' } },
    /lets all of them in; add: --set 'config\.email_domains=/,
  ],
  [
    'everyone of Google, by its name',
    { config: { provider: 'google', oidc_issuer_url: '' } },
    /lets all of them in/,
  ],
  [
    'a policy over gRPC that nobody serves',
    {
      envoyGateway: { securityPolicies: [{ name: 'x', protocol: 'grpc', targetRefs: [{}] }] },
    },
    /the SecurityPolicy x asks over gRPC; add: --set grpc\.enabled=true/,
  ],
  [
    'everyone of Entra',
    { config: { oidc_issuer_url: 'https://login.microsoftonline.com/common/v2.0' } },
    /lets all of them in/,
  ],
  [
    'monitoring without metrics',
    { metrics: { enabled: false, rules: { enabled: true } } },
    /add: --set metrics\.enabled=true/,
  ],
  [
    'a NetworkPolicy that cuts everyone off',
    { networkPolicy: { enabled: true } },
    /add: --set 'networkPolicy\.gateways\[0\]/,
  ],
  [
    'egress without the provider',
    {
      networkPolicy: { enabled: true, gateways: [{ podSelector: {} }], egress: { enabled: true } },
    },
    /add: --set 'networkPolicy\.egress\.provider\.to\[0\]/,
  ],
  [
    'egress without Redis',
    {
      config: { session_store_type: 'redis', redis_connection_url: 'redis://redis' },
      networkPolicy: {
        enabled: true,
        gateways: [{ podSelector: {} }],
        egress: { enabled: true, provider: { to: [{ podSelector: {} }] } },
      },
    },
    /add: --set 'networkPolicy\.egress\.redis\.to\[0\]/,
  ],
  [
    'sessions of one process, scaled',
    { replicaCount: 1, autoscaling: { enabled: true }, config: { session_store_type: 'memory' } },
    /known to one replica only/,
  ],
  [
    'an image older than the chart',
    { image: { tag: '0.0.9' } },
    /image\.tag 0\.0\.9 is older than this chart can run/,
  ],
]

for (const [name, values, says] of refused) {
  test(`refused with the line to add: ${name}`, (t) => {
    for (const helm of requireHelms(t)) {
      const { ok, error } = helmTemplate({ helm, values: withRequired(values) })
      assert.equal(ok, false)
      assert.match(error, says)
    }
  })
}

/** Values that the schema refuses, and where. */
const misspelt: readonly (readonly [name: string, values: object, says: RegExp])[] = [
  ['an unknown value', { replicacount: 5 }, /replicacount/],
  ['an unknown option', { config: { cookie_secur: true } }, /cookie_secur/],
  ['an option of another type', { config: { cookie_secure: 'yes' } }, /cookie_secure/],
  ['an option that is not served', { config: { github_org: 'x' } }, /github_org/],
  ['a secret that has no file', { config: { basic_auth_password: 'x' } }, /basic_auth_password/],
  ['an unknown secret', { secrets: { cookie: { key: 'x' } } }, /cookie/],
  [
    'an HTTPRoute that attaches to nothing',
    { portal: { host: 'a.example' }, httpRoute: { enabled: true } },
    /parentRefs/,
  ],
  [
    'a budget that says both',
    { podDisruptionBudget: { minAvailable: 1, maxUnavailable: 1 } },
    /podDisruptionBudget/,
  ],
  [
    'two monitors that count twice',
    { metrics: { serviceMonitor: { enabled: true }, podMonitor: { enabled: true } } },
    /metrics/,
  ],
  [
    'a policy without a target',
    { envoyGateway: { securityPolicies: [{ name: 'x' }] } },
    /targetRefs/,
  ],
  ['a gateway that nobody knows', { gateway: 'apache' }, /gateway/],
  [
    'a password in the URL of a Sentinel',
    { config: { redis_sentinel_connection_urls: ['redis://:x@sentinel'] } },
    /redis_sentinel_connection_urls/,
  ],
  ['a digest that is none', { image: { digest: 'latest' } }, /digest/],
]

for (const [name, values, says] of misspelt) {
  test(`refused by the schema: ${name}`, (t) => {
    for (const helm of requireHelms(t)) {
      const { ok, error } = helmTemplate({ helm, values: { ...requiredValues, ...values } })
      assert.equal(ok, false)
      assert.match(error, /values don't meet the specifications of the schema/)
      assert.match(error, says)
    }
  })
}

test('all findings come at once', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const { error } = helmTemplate({ helm })
  assert.match(error, /oidc_issuer_url/)
  assert.match(error, /client_id/)
  assert.match(error, /existingSecret/)
})

test('an umbrella chart may pass its globals and its condition', (t) => {
  for (const helm of requireHelms(t)) {
    const values = { ...requiredValues, enabled: true, global: { domain: 'example.com' } }
    assert.equal(helmTemplate({ helm, values }).error, '')
  }
})

test('a public client needs no client secret', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const values = {
    ...requiredValues,
    config: { ...requiredValues.config, code_challenge_method: 'S256' },
    secrets: { client_secret: { key: '' } },
  }
  const { ok, text } = helmTemplate({ helm, values })
  assert.ok(ok)
  assert.doesNotMatch(text, /client_secret/)
})
