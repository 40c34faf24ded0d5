import { accept, refuse, type Kind } from '../kind.ts'
import { listOf } from './list.ts'

const host = String.raw`[\w](?:[\w-]*\w)?(?:\.[\w](?:[\w-]*\w)?)*`
const emailDomain = new RegExp(String.raw`^(?:\*|(?:\*?\.)?${host})$`)
const returnDomain = new RegExp(
  String.raw`^(?:(?:\*?\.)?${host}|\[[\da-f:.]+\])(?::(?:\d{1,5}|\*))?$`,
  'i',
)
const cookieDomain = new RegExp(String.raw`^\.?${host}(?::\d{1,5})?$`)

const domainFix = 'write a bare domain without spaces, such as example.com or .example.com'

/** `example.com`, `.example.com` or `*.example.com` (subdomains only), `*` (everyone). */
export const emailDomains: Kind<readonly string[]> = listOf({ type: 'list of domains' }, (entry) =>
  emailDomain.test(entry) ? accept(entry) : refuse('is not a domain', domainFix),
)

/** `host[:port]`; a leading `.` or `*.` includes subdomains, `:*` any port. */
export const returnDomains: Kind<readonly string[]> = listOf(
  { type: 'list of domains' },
  (entry) => {
    if (entry === '*') {
      const problem = 'is a bare *, which allows no host at all'
      return accept(entry, [{ problem, fix: 'name the hosts or domains to return to' }])
    }
    return returnDomain.test(entry)
      ? accept(entry)
      : refuse('is not host[:port]', `${domainFix}; no scheme and no path`)
  },
)

/** Domains that share cookies; a port is taken as in oauth2-proxy, and browsers never see it. */
export const cookieDomains: Kind<readonly string[]> = listOf(
  { type: 'list of domains' },
  (entry) =>
    cookieDomain.test(entry)
      ? accept(entry)
      : refuse('is not a domain', 'write a bare domain such as example.com'),
)
