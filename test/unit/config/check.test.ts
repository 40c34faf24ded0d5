import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf, loadWith, optionsOf, problems } from './load-with.ts'

type Values = Readonly<Record<string, unknown>>
type Case = readonly [values: Values, problem: string]

const redis = { session_store_type: 'redis', redis_connection_url: 'redis://r' }
const endpoints = {
  skip_oidc_discovery: true,
  login_url: 'https://sso.example.com/authorize',
  redeem_url: 'https://sso.example.com/token',
  oidc_jwks_url: 'https://sso.example.com/keys',
}

const refused: readonly Case[] = [
  [{ client_id: undefined }, 'client_id is required'],
  [{ client_secret: undefined }, 'client_secret is required'],
  [{ cookie_secret: undefined }, 'cookie_secret is required'],
  [
    { email_domains: undefined },
    'email_domains or authenticated_emails_file is required: nobody could pass',
  ],
  [{ oidc_issuer_url: undefined }, 'oidc_issuer_url is required'],
  [
    { session_store_type: 'redis' },
    'redis_connection_url is required with session_store_type = "redis"',
  ],
  [
    { admin_address: '127.0.0.1:4182' },
    'admin_token must have 32 characters or more with admin_address',
  ],
  [
    { admin_address: '127.0.0.1:4182', admin_token: 'x'.repeat(31) },
    'admin_token must have 32 characters or more with admin_address',
  ],
  [
    { provider: undefined },
    'provider is google (which it is unless it is set), but oidc_issuer_url names another provider',
  ],
  [{ allowed_roles: ['admin'] }, 'allowed_roles are roles of Keycloak: no other provider has them'],
  ...[
    { entra_id_allowed_tenants: ['other'] },
    {
      provider: 'entra-id',
      oidc_issuer_url: 'https://login.microsoftonline.com/mine/v2.0',
      entra_id_allowed_tenants: ['other'],
    },
  ].map((values): Case => [
    values,
    'entra_id_allowed_tenants leave out the tenant of oidc_issuer_url, the only one whose tokens are accepted',
  ]),
  [
    { client_assertion_file: 'token' },
    'client_secret and client_assertion_file are two ways to say who we are',
  ],
  [
    { client_secret: undefined, entra_id_federated_token_auth: true, client_assertion_file: 'x' },
    'entra_id_federated_token_auth needs provider = "entra-id" and the variable AZURE_FEDERATED_TOKEN_FILE',
  ],
  [
    { tls_cert_file: 'tls.crt' },
    'tls_key_file is required: certificate and key serve TLS only together',
  ],
  [
    { tls_key_file: 'tls.key' },
    'tls_cert_file is required: certificate and key serve TLS only together',
  ],
  [
    { grpc_tls_key_file: 'tls.key' },
    'grpc_tls_cert_file is required: certificate and key serve TLS only together',
  ],
  [
    { grpc_tls_client_ca_file: 'ca.crt' },
    'grpc_tls_cert_file is required with grpc_tls_client_ca_file',
  ],
  [
    { tls_cert_file: 'tls.crt', tls_key_file: 'tls.key', https_address: '-' },
    'https_address is required with tls_cert_file',
  ],
  [{ ...endpoints, login_url: '' }, 'login_url is required with skip_oidc_discovery'],
  [{ ...endpoints, redeem_url: '' }, 'redeem_url is required with skip_oidc_discovery'],
  [{ ...endpoints, oidc_jwks_url: '' }, 'oidc_jwks_url is required with skip_oidc_discovery'],
  [
    { cookie_expire: '1h', cookie_refresh: '1h' },
    'cookie_refresh must be shorter than cookie_expire',
  ],
  [
    { id_token_refresh_before: '1m' },
    'id_token_refresh_before has no effect without cookie_refresh',
  ],
  [
    { cookie_name: '__Host-s', cookie_path: '/app' },
    'cookie_name starts with __Host-, which needs the path / and no domain',
  ],
  [
    { cookie_name: '__host-s', cookie_domains: ['example.com'] },
    'cookie_name starts with __Host-, which needs the path / and no domain',
  ],
  [
    { redirect_url: 'https://app.example.com', cookie_domains: ['other.example'] },
    'cookie_domains hold no domain of the host in redirect_url: browsers would drop every cookie',
  ],
  [
    { redirect_url: 'https://badexample.com', cookie_domains: ['.example.com'] },
    'cookie_domains hold no domain of the host in redirect_url: browsers would drop every cookie',
  ],
  ...['pass_access_token', 'pass_authorization_header', 'set_authorization_header'].map(
    (key): Case => [
      { session_cookie_minimal: true, [key]: true },
      `session_cookie_minimal keeps no tokens, but ${key} needs them`,
    ],
  ),
  [
    { session_cookie_minimal: true, cookie_refresh: '1h' },
    'session_cookie_minimal keeps no tokens, but cookie_refresh needs them',
  ],
  [{ set_basic_auth: true }, 'set_basic_auth needs a basic_auth_password'],
  [
    { set_basic_auth: true, basic_auth_password: 'p', set_authorization_header: true },
    'set_authorization_header and set_basic_auth would both set Authorization',
  ],
  [
    { basic_auth_password: 'p', pass_authorization_header: true },
    'pass_authorization_header and pass_basic_auth with its basic_auth_password would both set Authorization',
  ],
  [
    { skip_auth_strip_headers: false },
    'skip_auth_strip_headers is false, which would let clients forge identity headers, and is not served',
  ],
]
for (const [values, problem] of refused) {
  test(`refuses ${JSON.stringify(values)}: ${problem}`, () => {
    assert.deepEqual(problems(findingsOf(loadWith(values))), [problem])
  })
}

const local = { redirect_url: 'http://localhost:4180/oauth2/callback' }
const insecureCookie =
  'cookie_secure is off: the session travels over plain http too, where anyone on the way can take it'
const notCallback = 'redirect_url does not lead to /oauth2/callback, where sign-ins end'

for (const [values, problem] of [
  [{ cookie_secure: false, cookie_name: '__Secure-s' }, 'prefix that needs cookie_secure'],
  [{ cookie_secure: false, cookie_samesite: 'none' }, 'cookie_samesite is none'],
  [{ cookie_secure: false, cookie_csrf_samesite: 'none' }, 'cookie_csrf_samesite is none'],
] as const) {
  test(`SEC-27: refuses ${JSON.stringify(values)}`, () => {
    const [found, ...others] = problems(findingsOf(loadWith({ ...local, ...values })))
    assert.ok(found?.includes(problem), found)
    assert.deepEqual(others, [])
  })
}

const warned: readonly Case[] = [
  [{ cookie_secure: false, http_address: ':4180' }, insecureCookie],
  [{ cookie_secure: false, http_address: 'unix:///run/s' }, insecureCookie],
  [
    { cookie_secure: false, redirect_url: 'http://app.example.com/oauth2/callback' },
    insecureCookie,
  ],
  [{ cookie_httponly: false }, 'cookie_httponly is off: scripts of the app can read the session'],
  [
    { redirect_url: 'http://app.example.com' },
    'redirect_url is plain http, but cookies travel over https only (cookie_secure)',
  ],
  [
    { insecure_oidc_allow_unverified_email: true },
    'insecure_oidc_allow_unverified_email lets people in under an address that may not be theirs',
  ],
  [
    { ssl_insecure_skip_verify: true },
    'ssl_insecure_skip_verify accepts any certificate of the provider: whoever is on the way can forge tokens',
  ],
  [
    { ssl_upstream_insecure_skip_verify: true },
    'ssl_upstream_insecure_skip_verify accepts any certificate of an upstream',
  ],
  [
    { ...redis, redis_insecure_skip_tls_verify: true },
    'redis_insecure_skip_tls_verify accepts any certificate of Redis',
  ],
  [{ show_debug_on_error: true }, 'show_debug_on_error shows technical details to everyone'],
  [
    { oidc_issuer_url: 'http://sso.example.com' },
    'oidc_issuer_url is plain http: whoever is on the way can read and forge tokens',
  ],
  [
    { bearer_token_login_fallback: false },
    'bearer_token_login_fallback has no effect without skip_jwt_bearer_tokens',
  ],
  [
    { extra_jwt_issuers: ['https://sso.example.com=api'] },
    'extra_jwt_issuers has no effect without skip_jwt_bearer_tokens',
  ],
  [{ redirect_url: 'https://app.example.com/callback' }, notCallback],
  [{ redirect_url: '/auth/callback' }, notCallback],
  [
    { login_url: 'https://sso.example.com/a' },
    'login_url has no effect: what the provider announces is used',
  ],
  [
    { trusted_proxy_ips: ['10.0.0.0/8', '0.0.0.0/0'] },
    'trusted_proxy_ips entry 2 is every address there is',
  ],
  [
    { skip_auth_routes: ['GET=/public'] },
    'skip_auth_routes does not start with ^ and so matches anywhere in the path, not only at its start',
  ],
]
for (const [values, problem] of warned) {
  test(`SEC-27: warns of ${JSON.stringify(values)}: ${problem}`, () => {
    const loaded = loadWith(values)
    optionsOf(loaded)
    assert.deepEqual(problems(loaded.warnings), [problem])
  })
}

const silent: readonly Values[] = [
  {},
  { client_secret: undefined, code_challenge_method: 'S256' },
  { client_secret: undefined, force_code_challenge_method: 'S256' },
  { email_domains: undefined, authenticated_emails_file: '/etc/emails' },
  redis,
  endpoints,
  { ...endpoints, profile_url: 'https://sso.example.com/me' },
  { cookie_expire: '0s', cookie_refresh: '1h', id_token_refresh_before: '1m' },
  { cookie_expire: '2h', cookie_refresh: '1h' },
  { cookie_name: '__Host-s' },
  { cookie_name: '__Secure-s', cookie_path: '/app', cookie_domains: ['example.com'] },
  { cookie_samesite: 'none', cookie_csrf_samesite: 'none' },
  { redirect_url: 'https://app.example.com', cookie_domains: ['.example.com'] },
  { redirect_url: 'https://app.example.com:8443', cookie_domains: ['example.com:8443'] },
  { redirect_url: 'https://Example.com/', cookie_domains: ['EXAMPLE.com'] },
  { redirect_url: '/oauth2/callback' },
  { redirect_url: 'https://app.example.com/sso/callback', proxy_prefix: '/sso' },
  { ...local, cookie_secure: false },
  { cookie_secure: false, http_address: '127.0.0.1:80' },
  { oidc_issuer_url: 'http://127.0.0.1:8080' },
  { basic_auth_password: 'p', set_basic_auth: true },
  { basic_auth_password: 'p', pass_basic_auth: false, pass_authorization_header: true },
  { set_xauthrequest: true, pass_access_token: true, session_cookie_minimal: false },
  { insecure_oidc_skip_nonce: false, encode_state: true, display_htpasswd_form: false },
]
for (const values of silent) {
  test(`has nothing to say about ${JSON.stringify(values)}`, () => {
    const loaded = loadWith(values)
    optionsOf(loaded)
    assert.deepEqual(loaded.warnings, [])
  })
}

test('a rule between options stays silent while one of them cannot be read', () => {
  const findings = findingsOf(loadWith({ cookie_expire: 'soon', cookie_refresh: '1h' }))
  assert.deepEqual(
    findings.map(({ option }) => option),
    ['cookie_expire'],
  )
})
