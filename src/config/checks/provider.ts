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
