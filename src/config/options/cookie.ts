import { option } from '../option.ts'
import { cookieSecrets } from '../kinds/cookie-secrets.ts'
import { cookieName } from '../kinds/cookie-name.ts'
import { cookieDomains } from '../kinds/domain.ts'
import { boolean, duration, integer } from '../kinds/scalar.ts'
import { enumeration, text } from '../kinds/text.ts'
import { cookiePath } from '../kinds/url.ts'

const sameSite = enumeration(['', 'lax', 'strict', 'none'])

/** The session cookie and the short-lived cookie of a running sign-in. */
export const cookieOptions = {
  cookie_name: option(cookieName, {
    default: '_oauth2_proxy',
    help: 'Name of the session cookie; others derive from it. Takes `__Host-` and `__Secure-`.',
  }),
  cookie_secret: option(cookieSecrets, {
    default: '',
    help: 'Seals the cookies; 16 bytes or more. A list rotates it: the first secret seals, all open.',
  }),
  cookie_secret_file: option(text, {
    default: '',
    help:
      'File that holds the cookie secrets, one a line: the first seals, all open. Read again when ' +
      'it changes. Used when `cookie_secret` is empty.',
  }),
  cookie_domains: option(cookieDomains, {
    flag: 'cookie-domain',
    default: [],
    help:
      'Domains that share the session; the longest one that fits the host is used. ' +
      'Empty = only the host itself.',
  }),
  cookie_path: option(cookiePath, { default: '/', help: 'Path of the cookies.' }),
  cookie_expire: option(duration, {
    default: '168h',
    help: 'How long a session lasts at most. 0 = until the browser closes.',
  }),
  cookie_refresh: option(duration, {
    default: '0s',
    help:
      'How old tokens may grow before they are refreshed, in the background. 0 = never refreshed, ' +
      'and their ends are not looked at.',
  }),
  cookie_secure: option(boolean, {
    default: true,
    help: 'Cookies travel over https only. Switch it off for local development alone.',
  }),
  cookie_httponly: option(boolean, {
    default: true,
    help: 'Scripts cannot read the cookies.',
  }),
  cookie_samesite: option(sameSite, {
    default: '',
    help: 'SameSite of the cookies: `lax`, `strict`, `none`; empty = `lax`.',
  }),
  cookie_csrf_per_request: option(boolean, {
    default: false,
    help: 'No effect: each sign-in always has a cookie of its own, so tabs never disturb another.',
  }),
  cookie_csrf_per_request_limit: option(integer, {
    default: 0,
    help: 'How many sign-ins one browser may have running at once. 0 = 10.',
  }),
  cookie_csrf_expire: option(duration, {
    default: '15m',
    help: 'How long a sign-in may take. 0 = for ever.',
  }),
  cookie_csrf_samesite: option(sameSite, {
    default: '',
    help: 'SameSite of the sign-in cookie; empty = as `cookie_samesite`.',
  }),
}
