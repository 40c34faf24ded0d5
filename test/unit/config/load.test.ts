import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFindings } from '../../../src/config/finding.ts'
import type { OptionKey } from '../../../src/config/options.ts'
import { findingsOf, loadFrom, loadWith, minimal, optionsOf, problems } from './load-with.ts'

/** The example of ZITADEL's guide for oauth2-proxy, word for word. */
const zitadel = `provider = "oidc"
user_id_claim = "sub" #uses the subject as ID instead of the email
provider_display_name = "ZITADEL"
redirect_url = "http://127.0.0.1:4180/oauth2/callback"
oidc_issuer_url = "https://issuer.zitadel.ch"
upstreams = [
    "https://example.corp.com"
]
email_domains = [
    "*"
]
client_id = "{ZITADEL_GENERATED_CLIENT_ID}"
client_secret = "{ZITADEL_GENERATED_CLIENT_SECRET}"
pass_access_token = true
cookie_secret = "{SUPPLY_SOME_SECRET_HERE}"
skip_provider_button = true
cookie_secure = false #localdev only false
http_address = "127.0.0.1:4180" #localdev only
`

test("loads ZITADEL's guide for oauth2-proxy as it stands, without a warning", () => {
  const file = zitadel
    .replace('{ZITADEL_GENERATED_CLIENT_ID}', '271863527485685763@project')
    .replace('{ZITADEL_GENERATED_CLIENT_SECRET}', 'hush-hush')
    .replace('{SUPPLY_SOME_SECRET_HERE}', '0123456789abcdef0123456789abcdef')
  const loaded = loadFrom({ argv: ['--config=z.toml'], files: { 'z.toml': file } })
  const options = optionsOf(loaded)
  assert.deepEqual(loaded.warnings, [])
  assert.equal(options.user_id_claim, 'sub')
  assert.equal(options.provider_display_name, 'ZITADEL')
  assert.equal(options.redirect_url, 'http://127.0.0.1:4180/oauth2/callback')
  assert.equal(options.oidc_issuer_url, 'https://issuer.zitadel.ch')
  assert.deepEqual(options.upstreams, [
    { kind: 'http', path: '/', url: new URL('https://example.corp.com') },
  ])
  assert.deepEqual(options.email_domains, ['*'])
  assert.equal(options.client_id, '271863527485685763@project')
  assert.equal(options.client_secret.reveal(), 'hush-hush')
  assert.equal(options.pass_access_token, true)
  assert.equal(options.cookie_secret[0]?.reveal(), '0123456789abcdef0123456789abcdef')
  assert.equal(options.skip_provider_button, true)
  assert.equal(options.cookie_secure, false)
  assert.deepEqual(options.http_address, { kind: 'tcp', host: '127.0.0.1', port: 4180 })
})

test("names each placeholder of ZITADEL's guide that nobody filled in", () => {
  const loaded = loadFrom({ argv: ['--config=z.toml'], files: { 'z.toml': zitadel } })
  const findings = findingsOf(loaded)
  assert.deepEqual(
    findings.map(({ option, source }) => [option, source]),
    [
      ['client_id', 'z.toml line 12'],
      ['client_secret', 'z.toml line 13'],
      ['cookie_secret', 'z.toml line 15'],
    ],
  )
})

const sources = ['flag', 'variable', 'file'] as const
const precedence = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
  sources.filter((_, index) => bits & (1 << index)),
)
for (const set of precedence) {
  const expected = set[0] ?? 'default'
  test(`of ${set.join(', ') || 'nothing'} takes the ${expected}`, () => {
    const has = (source: (typeof sources)[number]): boolean => set.includes(source)
    const options = optionsOf(
      loadWith(has('file') ? { cookie_name: 'file', force_https: false } : {}, {
        argv: has('flag') ? ['--cookie-name=flag', '--force-https=false'] : [],
        env: has('variable')
          ? { OAUTH2_PROXY_COOKIE_NAME: 'variable', OAUTH2_PROXY_FORCE_HTTPS: 'true' }
          : {},
      }),
    )
    assert.equal(options.cookie_name, expected === 'default' ? '_oauth2_proxy' : expected)
    assert.equal(options.force_https, expected === 'variable')
  })
}

test('a list of a nearer source takes the place of the whole list', () => {
  const argv = ['--email-domain=flag.example', '--email-domain=other.example']
  const env = { OAUTH2_PROXY_EMAIL_DOMAINS: 'variable.example' }
  const options = optionsOf(loadWith({ email_domains: ['file.example'] }, { argv, env }))
  assert.deepEqual(options.email_domains, ['flag.example', 'other.example'])
})

test('loads from variables alone', () => {
  const env = Object.fromEntries(
    Object.entries(minimal).map(([key, value]) => [
      `OAUTH2_PROXY_${key.toUpperCase()}`,
      String(value),
    ]),
  )
  assert.equal(optionsOf(loadFrom({ env })).client_id, 'app')
  assert.equal(optionsOf(loadFrom({ env, argv: ['--config='] })).client_id, 'app')
})

test('loads the same keys from YAML', () => {
  const yaml = JSON.stringify({ ...minimal, cookie_expire: '24h' })
  const loaded = loadFrom({ argv: ['--config', 'a.yaml'], files: { 'a.yaml': yaml } })
  assert.equal(optionsOf(loaded).cookie_expire, 86_400_000)
})

test('finds everything that is wrong at once, with the source of each', () => {
  const loaded = loadWith(
    { client_id: '', cookie_expire: 'soon', xyzzy: 1, client_secret_file: '/none' },
    {
      argv: ['--cookie-refresh=1x', '--xyzzy', '--email-domain='],
      env: { OAUTH2_PROXY_COOKIE_SECURE: 'yes', OAUTH2_PROXY_XYZZY: '1' },
    },
  )
  assert.deepEqual(
    findingsOf(loaded).map(({ option, source }) => `${option} - ${source}`),
    [
      '--xyzzy - command line',
      'xyzzy - app.toml line 8',
      'cookie_expire - app.toml line 7',
      'cookie_refresh - flag --cookie-refresh',
      'cookie_secure - environment variable OAUTH2_PROXY_COOKIE_SECURE',
      'client_id - app.toml line 3',
      'email_domains - flag --email-domain',
    ],
  )
  assert.deepEqual(
    loaded.warnings.map(({ option }) => option),
    ['OAUTH2_PROXY_XYZZY'],
  )
})

test('refuses everything that is missing from an empty configuration', () => {
  assert.deepEqual(problems(findingsOf(loadFrom({}))), [
    'client_id is required',
    'client_secret is required',
    'cookie_secret is required',
    'email_domains or authenticated_emails_file is required: nobody could pass',
  ])
})

for (const [provider, hint] of [
  ['gitlab', /https:\/\/gitlab\.com/],
  ['azure', /login\.microsoftonline\.com/],
  ['github', /oidc_issuer_url to the issuer$/],
] as const) {
  test(`tells how to serve the provider ${provider}`, () => {
    const [finding] = findingsOf(loadWith({ provider }))
    assert.match(finding?.fix ?? '', hint)
  })
}

test('without a provider it is Google, as in oauth2-proxy', () => {
  const options = optionsOf(loadWith({ provider: undefined, oidc_issuer_url: undefined }))
  assert.equal(options.provider, 'google')
  assert.equal(options.oidc_issuer_url, 'https://accounts.google.com')
})

test('workload identity of Azure takes the place of a client secret', () => {
  const issuer = 'https://login.microsoftonline.com/mine/v2.0'
  const entra = { provider: 'entra-id', oidc_issuer_url: issuer, client_secret: undefined }
  const values = { ...entra, entra_id_federated_token_auth: true }
  const env = { AZURE_FEDERATED_TOKEN_FILE: '/var/run/token' }
  assert.equal(optionsOf(loadWith(values, { env })).client_assertion_file, '/var/run/token')
  const own = loadWith({ ...values, client_assertion_file: '/own' }, { env })
  assert.equal(optionsOf(own).client_assertion_file, '/own')
  assert.equal(
    optionsOf(loadWith({ client_assertion_file: '' }, { env })).client_assertion_file,
    '',
  )
})

test('a file that is not there is found, and what it would have held is too', () => {
  const findings = findingsOf(loadFrom({ argv: ['--config=none.toml'] }))
  assert.equal(findings[0]?.option, 'none.toml')
  assert.ok(findings.length > 1)
})

test('the options cannot be changed, however deep', () => {
  const options = optionsOf(loadWith({ skip_auth_routes: ['GET=^/a'], trusted_ips: ['10.0.0.1'] }))
  const [secret] = options.cookie_secret
  const [route] = options.skip_auth_routes
  for (const value of [options, options.email_domains, options.http_address, secret, route]) {
    assert.ok(Object.isFrozen(value))
  }
  assert.ok(Object.isFrozen(route?.pattern))
})

const values: readonly (readonly [key: OptionKey, raw: unknown, value: unknown])[] = [
  ['cookie_refresh', 3_600_000_000_000, 3_600_000],
  ['cookie_refresh', '1h', 3_600_000],
  ['cookie_csrf_per_request_limit', '0x10', 16],
  ['force_https', 1, true],
  ['allowed_groups', 'a,b', ['a', 'b']],
  ['allowed_groups', ['a,b'], ['a,b']],
  ['metrics_address', '-', undefined],
  ['metrics_address', ':9090', { kind: 'tcp', host: '', port: 9090 }],
  ['real_client_ip_header', 'x-forwarded-for', 'X-Forwarded-For'],
]
for (const [key, raw, value] of values) {
  test(`${key} = ${JSON.stringify(raw)} is ${JSON.stringify(value)}`, () => {
    const options: Readonly<Record<string, unknown>> = optionsOf(loadWith({ [key]: raw }))
    assert.deepEqual(options[key], value)
  })
}

test('formats findings as a header and one block each', () => {
  const finding = { option: 'scope', source: 'a.toml line 1', problem: 'is wrong', fix: 'mend it' }
  assert.equal(
    formatFindings([finding]),
    'invalid configuration: 1 finding\n\nscope is wrong\n  from: a.toml line 1\n  fix:  mend it\n',
  )
  assert.match(formatFindings([finding, finding], 'warnings'), /^warnings: 2 findings\n/)
})
