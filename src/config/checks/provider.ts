import { isLoopback } from '../kinds/url.ts'
import { error, rule, warning, type Rule } from './rule.ts'

/** Discovery, endpoints and the way back from the provider. */
export const providerRules: readonly Rule[] = [
  ...(['login_url', 'redeem_url', 'oidc_jwks_url'] as const).map((key) =>
    rule(
      ['skip_oidc_discovery', key],
      (options) =>
        options.skip_oidc_discovery &&
        options[key] === '' &&
        error(key, 'is required with skip_oidc_discovery', 'set it, or let it be discovered'),
    ),
  ),
  ...(['login_url', 'redeem_url', 'oidc_jwks_url', 'profile_url'] as const).map((key) =>
    rule(
      ['skip_oidc_discovery', key],
      (options) =>
        !options.skip_oidc_discovery &&
        options[key] !== '' &&
        warning(
          key,
          'has no effect: what the provider announces is used',
          'remove it, or set skip_oidc_discovery = true',
        ),
    ),
  ),
  rule(
    ['provider', 'oidc_issuer_url'],
    ({ provider, oidc_issuer_url }) =>
      provider === 'google' &&
      oidc_issuer_url !== 'https://accounts.google.com' &&
      error(
        'provider',
        'is google (which it is unless it is set), but oidc_issuer_url names another provider',
        'set provider = "oidc"',
      ),
  ),
  rule(
    ['provider', 'allowed_roles'],
    ({ provider, allowed_roles }) =>
      provider !== 'keycloak-oidc' &&
      allowed_roles.length > 0 &&
      error(
        'allowed_roles',
        'are roles of Keycloak: no other provider has them',
        'set provider = "keycloak-oidc", or use allowed_groups',
      ),
  ),
  rule(
    ['client_assertion_file', 'client_secret'],
    ({ client_assertion_file, client_secret }) =>
      client_assertion_file !== '' &&
      client_secret.reveal() !== '' &&
      error(
        'client_secret',
        'and client_assertion_file are two ways to say who we are',
        'remove one of them',
      ),
  ),
  rule(
    ['provider', 'entra_id_federated_token_auth', 'client_assertion_file'],
    ({ provider, entra_id_federated_token_auth, client_assertion_file }) =>
      entra_id_federated_token_auth &&
      (provider !== 'entra-id' || client_assertion_file === '') &&
      error(
        'entra_id_federated_token_auth',
        'needs provider = "entra-id" and the variable AZURE_FEDERATED_TOKEN_FILE',
        'label the pod azure.workload.identity/use: "true", or set client_assertion_file',
      ),
  ),
  rule(
    ['provider', 'entra_id_allowed_tenants', 'oidc_issuer_url'],
    ({ provider, entra_id_allowed_tenants: tenants, oidc_issuer_url }) =>
      tenants.length > 0 &&
      !(provider === 'entra-id' && tenants.includes(tenantOf(oidc_issuer_url))) &&
      error(
        'entra_id_allowed_tenants',
        'leave out the tenant of oidc_issuer_url, the only one whose tokens are accepted',
        'set provider = "entra-id" and oidc_issuer_url = "https://login.microsoftonline.com/TENANT/v2.0"',
      ),
  ),
  rule(['redirect_url', 'proxy_prefix'], ({ redirect_url, proxy_prefix }) => {
    const callback = `${proxy_prefix}/callback`
    const { pathname } = new URL(redirect_url, 'http://localhost')
    return (
      pathname !== '/' &&
      pathname !== callback &&
      warning(
        'redirect_url',
        `does not lead to ${callback}, where sign-ins end`,
        `end it with ${callback}, unless the gateway rewrites the path`,
      )
    )
  }),
  rule(['redirect_url', 'cookie_domains'], ({ redirect_url, cookie_domains }) => {
    const host = URL.parse(redirect_url)?.hostname
    return (
      host !== undefined &&
      cookie_domains.length > 0 &&
      !cookie_domains.some((domain) => belongsTo(host, domain)) &&
      error(
        'cookie_domains',
        'hold no domain of the host in redirect_url: browsers would drop every cookie',
        'add the domain of that host, or remove cookie_domains',
      )
    )
  }),
  rule(['redirect_url', 'cookie_secure'], ({ redirect_url, cookie_secure }) => {
    const url = URL.parse(redirect_url)
    return (
      cookie_secure &&
      url?.protocol === 'http:' &&
      !isLoopback(url) &&
      warning(
        'redirect_url',
        'is plain http, but cookies travel over https only (cookie_secure)',
        'use https',
      )
    )
  }),
  ...(['bearer_token_login_fallback', 'extra_jwt_issuers'] as const).map((key) =>
    rule(['skip_jwt_bearer_tokens', key], (options) => {
      const isDefault = key === 'extra_jwt_issuers' ? options[key].length === 0 : options[key]
      return (
        !options.skip_jwt_bearer_tokens &&
        !isDefault &&
        warning(
          key,
          'has no effect without skip_jwt_bearer_tokens',
          'set skip_jwt_bearer_tokens = true, or remove it',
        )
      )
    }),
  ),
]

function belongsTo(host: string, cookieDomain: string): boolean {
  const domain = cookieDomain.replace(/^\.|:\d+$/g, '').toLowerCase()
  return host === domain || host.endsWith(`.${domain}`)
}

/** Of `https://login.microsoftonline.com/TENANT/v2.0`. */
function tenantOf(issuer: string): string {
  return URL.parse(issuer)?.pathname.split('/')[1] ?? ''
}
