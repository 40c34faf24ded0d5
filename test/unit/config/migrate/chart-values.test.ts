import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { migrate } from '../../../../src/cli/migrate.ts'
import { migrateChartValues } from '../../../../src/config/migrate/chart-values.ts'

/** What nobody needs to look at besides. */
const complete = { config: { clientID: 'app' }, extraArgs: { provider: 'oidc' } }

function migrated(values: object): { values: unknown; notes: readonly string[] } {
  const { text, notes } = migrateChartValues(stringify({ ...complete, ...values }))
  return { values: parse(text) as unknown, notes: notes.map(({ path, why }) => `${path}: ${why}`) }
}

const moved = { config: { client_id: 'app', provider: 'oidc' } }

/** Values of oauth2-proxy's chart, what becomes of them, and what is said of them. */
const cases: readonly (readonly [string, object, object, ...RegExp[]])[] = [
  ['nothing', {}, {}],
  [
    'how pods run',
    { customLabels: { a: 'b' }, replicaCount: 3 },
    { commonLabels: { a: 'b' }, replicaCount: 3 },
  ],
  [
    'the service',
    { service: { portNumber: 8080, type: 'NodePort' } },
    { service: { port: 8080, type: 'NodePort' } },
  ],
  [
    'both IP families',
    { service: { ipDualStack: { enabled: true, ipFamilies: ['IPv4', 'IPv6'] } } },
    { service: { ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' } },
  ],
  [
    'a route of the Gateway API',
    {
      gatewayApi: {
        enabled: true,
        gatewayRef: { name: 'web' },
        hostnames: ['auth.example.com'],
        rules: [{}, { a: 1 }],
      },
    },
    {
      httpRoute: { enabled: true, hostnames: ['auth.example.com'], parentRefs: [{ name: 'web' }] },
      portal: { host: 'auth.example.com' },
    },
    /^gatewayApi.rules: the rule is that of the portal$/,
  ],
  [
    'several hosts and certificates',
    {
      ingress: {
        enabled: true,
        hosts: ['a.example.com', 'b.example.com'],
        tls: [{ secretName: 'a' }, { secretName: 'b' }],
      },
    },
    { ingress: { enabled: true, tlsSecretName: 'a' }, portal: { host: 'a.example.com' } },
    /^ingress.hosts: only a.example.com is the portal's/,
    /^ingress.tls: /,
  ],
  [
    'a security context that is on',
    { securityContext: { enabled: true, runAsUser: 7 } },
    { securityContext: { runAsUser: 7 } },
  ],
  ['one that is off', { securityContext: { enabled: false } }, {}, /^securityContext.enabled: /],
  [
    'probes',
    { livenessProbe: { timeoutSeconds: 2, enabled: false } },
    { livenessProbe: { timeoutSeconds: 2 } },
    /^livenessProbe.enabled: /,
  ],
  [
    'flags as a list',
    { extraArgs: ['--provider=oidc', '--cookie-domain=.a.com,.b.com', '--pass-access-token'] },
    {
      config: {
        client_id: 'app',
        provider: 'oidc',
        cookie_domains: ['.a.com', '.b.com'],
        pass_access_token: true,
      },
    },
  ],
  [
    'flags over the file, the file over values',
    {
      config: {
        clientID: 'app',
        cookieName: 'value',
        configFile: 'cookie_name = "file"\ncookie_expire = "1h"',
      },
      extraArgs: { provider: 'oidc', 'cookie-expire': '2h' },
    },
    { config: { client_id: 'app', cookie_name: 'file', cookie_expire: '2h', provider: 'oidc' } },
  ],
  [
    'variables',
    {
      extraEnv: [
        { name: 'OAUTH2_PROXY_SKIP_PROVIDER_BUTTON', value: 'true' },
        {
          name: 'OAUTH2_PROXY_COOKIE_SECRET',
          valueFrom: { secretKeyRef: { name: 's', key: 'k' } },
        },
        { name: 'HTTPS_PROXY', value: 'http://proxy' },
      ],
    },
    {
      config: { client_id: 'app', skip_provider_button: true, provider: 'oidc' },
      secrets: { cookie_secret: { name: 's', key: 'k' } },
      extraEnv: [{ name: 'HTTPS_PROXY', value: 'http://proxy' }],
    },
  ],
  [
    'the upstream that stands in',
    { config: { clientID: 'app', upstreams: ['file:///dev/null'] } },
    {},
  ],
  [
    'a Secret',
    { config: { clientID: 'app', existingSecret: 'oauth2-proxy' } },
    { existingSecret: 'oauth2-proxy' },
  ],
  [
    'Redis',
    {
      sessionStorage: {
        type: 'redis',
        redis: { existingSecret: 'r', standalone: { connectionUrl: 'redis://redis' } },
      },
    },
    {
      config: {
        ...moved.config,
        session_store_type: 'redis',
        redis_connection_url: 'redis://redis',
      },
      secrets: { redis_password: { name: 'r', key: 'redis-password' } },
    },
  ],
  [
    'its subchart',
    { 'redis-ha': { enabled: true } },
    {},
    /^redis-ha: there is no Redis in the chart/,
  ],
  [
    'what is off',
    {
      'redis-ha': { enabled: false },
      alphaConfig: { enabled: false },
      networkPolicy: { create: false },
    },
    {},
  ],
  ['an unknown value', { replicas: 3 }, {}, /^replicas: has no counterpart$/],
  [
    'an unknown flag',
    { extraArgs: { provider: 'oidc', foo: 'bar' } },
    {},
    /^command line: --foo is not a flag/,
  ],
  [
    'what the chart sets itself',
    { config: { clientID: 'app', configFile: 'http_address = ":4180"' } },
    {},
    /^config.configFile line 1: http_address is left out: ports.http sets it$/,
  ],
]

for (const [name, values, expected, ...says] of cases) {
  test(`migrates ${name}`, () => {
    const { values: result, notes } = migrated(values)
    assert.deepEqual(result, { ...moved, ...expected })
    assert.equal(notes.length, says.length, notes.join('\n'))
    for (const [index, pattern] of says.entries()) assert.match(notes[index] ?? '', pattern)
  })
}

test('lists of people come as a ConfigMap, or as the Secret that is there', () => {
  const list = migrated({ authenticatedEmailsFile: { enabled: true, restricted_access: 'a@b.c' } })
  const { extraObjects, extraVolumes, config } = list.values as Record<string, unknown>
  const content = { kind: 'ConfigMap', data: { restricted_user_access: 'a@b.c' } }
  const metadata = { name: 'sallyport-emails' }
  assert.deepEqual(extraObjects, [{ apiVersion: 'v1', metadata, ...content }])
  assert.deepEqual(extraVolumes, [{ name: 'emails', configMap: metadata }])
  const path = '/etc/sallyport/emails/restricted_user_access'
  assert.deepEqual(config, { ...moved.config, authenticated_emails_file: path })

  const there = { enabled: true, persistence: 'secret', template: 'people' }
  const { values } = migrated({ authenticatedEmailsFile: there, extraVolumes: [{ name: 'tmp' }] })
  assert.deepEqual((values as Record<string, unknown>)['extraVolumes'], [
    { name: 'tmp' },
    { name: 'emails', secret: { secretName: 'people' } },
  ])
})

test('no secret is copied, and each is told of', () => {
  const secret = 'nobody-may-read-this'
  const { text, notes } = migrateChartValues(
    stringify({
      config: {
        clientSecret: secret,
        cookieSecret: secret,
        configFile: `client_secret = "${secret}"`,
      },
      extraArgs: { 'cookie-secret': secret },
      extraEnv: [{ name: 'OAUTH2_PROXY_REDIS_PASSWORD', value: secret }],
      sessionStorage: {
        redis: { password: secret, standalone: { connectionUrl: `redis://:${secret}@r` } },
      },
    }),
  )
  assert.doesNotMatch(text + JSON.stringify(notes), new RegExp(secret))
  for (const path of [
    /^config.clientSecret/,
    /^config.cookieSecret/,
    /^config.configFile/,
    /flag --cookie-secret/,
    /^extraEnv/,
    /redis.password/,
    /connectionUrl/,
  ]) {
    assert.ok(
      notes.some((note) => path.test(note.path)),
      String(path),
    )
  }
})

test('says what it cannot know: the client id of a Secret, the provider that nobody named', () => {
  const { notes } = migrateChartValues('config: { existingSecret: there }')
  assert.deepEqual(
    notes.map(({ path }) => path),
    ['config.clientID', 'config'],
  )
})

test('the command prints values and notes apart, and ends with what there is to do', () => {
  const run = (...argv: readonly string[]) => {
    const [out, error]: [string[], string[]] = [[], []]
    const code = migrate({
      argv,
      readFile: (path) => readFileSync(path, 'utf8'),
      print: (text) => out.push(text),
      printError: (text) => error.push(text),
    })
    return { code, out: out.join('\n'), error: error.join('\n') }
  }
  const used = run('values', 'test/data/oauth2-proxy-chart-values.yaml')
  assert.equal(used.code, 1)
  assert.match(used.out, /^  oidc_issuer_url: https:\/\/id.example.com$/m)
  assert.match(used.error, /^image.tag: it is the image of oauth2-proxy/m)
  assert.match(run('values', 'nowhere.yaml').error, /^nowhere.yaml: ENOENT/)
  assert.match(run('values', 'package-lock.json').error, /has no counterpart/)
  assert.equal(run('values', 'LICENSE').code, 1)
  for (const argv of [[], ['config'], ['values'], ['values', 'a', 'b']]) {
    assert.deepEqual(run(...argv), {
      code: 2,
      out: '',
      error: 'usage: sallyport migrate values FILE',
    })
  }
})
