import type { ListenAddress } from '../kinds/network.ts'
import { isLoopback } from '../kinds/url.ts'
import { rule, warning, type Rule } from './rule.ts'

/** What works but weakens the service; it starts with a warning (SEC-27). */
export const insecureRules: readonly Rule[] = [
  rule(
    ['cookie_secure', 'redirect_url', 'http_address'],
    ({ cookie_secure, redirect_url, http_address }) =>
      !cookie_secure &&
      !isLocal(redirect_url, http_address) &&
      warning(
        'cookie_secure',
        'is off: the session travels over plain http too, where anyone on the way can take it',
        'use it for local development only',
      ),
  ),
  rule(
    ['cookie_httponly'],
    ({ cookie_httponly }) =>
      !cookie_httponly &&
      warning('cookie_httponly', 'is off: scripts of the app can read the session', 'remove it'),
  ),
  ...(
    [
      [
        'insecure_oidc_allow_unverified_email',
        'lets people in under an address that may not be theirs',
      ],
      [
        'ssl_insecure_skip_verify',
        'accepts any certificate of the provider: whoever is on the way can forge tokens',
      ],
      ['ssl_upstream_insecure_skip_verify', 'accepts any certificate of an upstream'],
      ['redis_insecure_skip_tls_verify', 'accepts any certificate of Redis'],
      ['show_debug_on_error', 'shows technical details to everyone'],
    ] as const
  ).map(([key, risk]) =>
    rule([key], (options) => options[key] && warning(key, risk, 'remove it in production')),
  ),
]

function isLocal(redirectUrl: string, listen: ListenAddress): boolean {
  const url = URL.parse(redirectUrl)
  if (url) return isLoopback(url)
  return listen.kind === 'tcp' && /^(localhost|127\..*|::1)$/.test(listen.host)
}
