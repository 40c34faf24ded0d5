// Who may enter at all: asked at the sign-in and again at every check.
import type { DenyReason } from '../core/decision.ts'
import type { Identity } from '../core/identity.ts'
import { createEmailDomains } from './email-domains.ts'

export interface AuthorizeOptions {
  readonly email_domains: readonly string[]
  /** Empty = everyone. */
  readonly allowed_groups: readonly string[]
  /** Of Keycloak, which are groups named `role:...`; let in besides the groups. */
  readonly allowed_roles?: readonly string[]
}

export interface AuthorizeDeps {
  readonly options: AuthorizeOptions
  /** Of `authenticated_emails_file`, when there is one: let in besides the domains. */
  readonly authenticatedEmails?: { has(email: string): boolean }
}

/** Why an identity may not enter; undefined when it may. */
export type Authorize = (
  identity: Identity,
) => Extract<DenyReason, 'email-not-allowed' | 'group-missing'> | undefined

export function createAuthorize({ options, authenticatedEmails }: AuthorizeDeps): Authorize {
  const isInEmailDomains = createEmailDomains(options.email_domains)
  const allowedGroups = new Set(options.allowed_groups.filter((group) => group !== ''))
  for (const role of options.allowed_roles ?? []) allowedGroups.add(`role:${role}`)

  return ({ email, groups }) => {
    if (!isInEmailDomains(email) && !authenticatedEmails?.has(email)) return 'email-not-allowed'
    const isMember = allowedGroups.size === 0 || groups.some((group) => allowedGroups.has(group))
    return isMember ? undefined : 'group-missing'
  }
}
