import { error, rule, type Rule } from './rule.ts'

/** The cookie's name, attributes and times (RFC 6265bis 4.1.3 for the prefixes). */
export const cookieRules: readonly Rule[] = [
  rule(
    ['cookie_refresh', 'cookie_expire'],
    ({ cookie_refresh, cookie_expire }) =>
      cookie_expire > 0 &&
      cookie_refresh >= cookie_expire &&
      error('cookie_refresh', 'must be shorter than cookie_expire', 'shorten it, or set 0s'),
  ),
  rule(
    ['id_token_refresh_before', 'cookie_refresh'],
    ({ id_token_refresh_before, cookie_refresh }) =>
      id_token_refresh_before > 0 &&
      cookie_refresh === 0 &&
      error('id_token_refresh_before', 'has no effect without cookie_refresh', 'set both'),
  ),
  rule(
    ['cookie_name', 'cookie_secure'],
    ({ cookie_name, cookie_secure }) =>
      /^__(host|secure)-/i.test(cookie_name) &&
      !cookie_secure &&
      error('cookie_name', 'has a prefix that needs cookie_secure', 'set cookie_secure = true'),
  ),
  rule(
    ['cookie_name', 'cookie_path', 'cookie_domains'],
    ({ cookie_name, cookie_path, cookie_domains }) =>
      /^__host-/i.test(cookie_name) &&
      (cookie_path !== '/' || cookie_domains.length > 0) &&
      error(
        'cookie_name',
        'starts with __Host-, which needs the path / and no domain',
        'remove cookie_path and cookie_domains, or use __Secure-',
      ),
  ),
  ...(['cookie_samesite', 'cookie_csrf_samesite'] as const).map((key) =>
    rule(
      [key, 'cookie_secure'],
      (options) =>
        options[key] === 'none' &&
        !options.cookie_secure &&
        error(key, 'is none, which needs cookie_secure', 'set cookie_secure = true'),
    ),
  ),
  rule(
    ['session_cookie_minimal', 'cookie_refresh'],
    ({ session_cookie_minimal, cookie_refresh }) =>
      session_cookie_minimal &&
      cookie_refresh > 0 &&
      error(
        'session_cookie_minimal',
        'keeps no tokens, but cookie_refresh needs them',
        'remove one of the two',
      ),
  ),
  ...(['pass_access_token', 'pass_authorization_header', 'set_authorization_header'] as const).map(
    (key) =>
      rule(
        ['session_cookie_minimal', key],
        (options) =>
          options.session_cookie_minimal &&
          options[key] &&
          error(
            'session_cookie_minimal',
            `keeps no tokens, but ${key} needs them`,
            'remove one of the two',
          ),
      ),
  ),
]
