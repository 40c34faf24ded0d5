import type { QueryLimits } from '../core/auth-request.ts'
import type { Identity } from '../core/identity.ts'
import { isInDomain } from '../lib/domain.ts'
import { domainOfEmail } from './email-domains.ts'

/**
 * Does an identity satisfy every list that the check's query gives? Exact and case-sensitive;
 * `.example.com` and `*.example.com` of `allowed_email_domains` include `example.com`.
 */
export function isWithinLimits(
  { email, groups }: Identity,
  limits: QueryLimits | undefined,
): boolean {
  if (limits === undefined) return true
  const domain = domainOfEmail(email)
  return (
    anyOf(limits.groups, (group) => groups.includes(group)) &&
    anyOf(limits.emails, (allowed) => allowed === email) &&
    anyOf(limits.emailDomains, (allowed) => domain !== undefined && isInDomain(domain, allowed))
  )
}

/** A list that is not given limits nothing. */
function anyOf(list: readonly string[] | undefined, matches: (entry: string) => boolean): boolean {
  return list === undefined || list.some(matches)
}
