import type { QueryLimits } from '../core/auth-request.ts'
import { remembered } from '../lib/remembered.ts'

export const limitNames = ['allowed_groups', 'allowed_emails', 'allowed_email_domains'] as const

/** Each is of a route; whoever asks with others of their own fills no memory. */
const rememberedQueries = 100

/**
 * A parameter that looks like a limit and is none: unseen, it would leave a route open to everyone
 * who is signed in. Other parameters are other people's. Empty when there is none.
 */
export const misspeltLimit = remembered(
  (text) =>
    [...new URLSearchParams(text).keys()].find(
      (key) => /^allowed_/i.test(key) && !limitNames.some((name) => name === key),
    ) ?? '',
  rememberedQueries,
)

/**
 * `allowed_groups`, `allowed_emails` and `allowed_email_domains` of the check's own query, never of
 * the URL that is asked about. Repeated parameters and commas both separate, blanks are ignored.
 */
export function queryLimits(text: string): QueryLimits | undefined {
  if (text === '') return undefined
  const query = new URLSearchParams(text)
  const groups = entries(query, 'allowed_groups')
  const emails = entries(query, 'allowed_emails')
  const emailDomains = entries(query, 'allowed_email_domains')
  return groups || emails || emailDomains ? { groups, emails, emailDomains } : undefined
}

function entries(query: URLSearchParams, name: string): readonly string[] | undefined {
  const values = query
    .getAll(name)
    .flatMap((value) => value.split(','))
    .map((value) => value.trim())
    .filter((value) => value !== '')
  return values.length > 0 ? values : undefined
}
