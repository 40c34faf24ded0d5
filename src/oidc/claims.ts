// From what the provider says of a person to an `Identity`. Pure.
import { coerceBoolean, coerceGroups, coerceText, isRounded, lookup } from './claim-values.ts'
import type { Claims } from './claim-values.ts'
import type { Identity } from '../core/identity.ts'

export interface ClaimOptions {
  readonly client_id: string
  readonly oidc_email_claim: string
  /** Older name of `oidc_email_claim`; counts while that is `email`. */
  readonly user_id_claim: string
  readonly oidc_groups_claim: string
  readonly oidc_audience_claims: readonly string[]
  readonly oidc_extra_audiences: readonly string[]
  readonly insecure_oidc_allow_unverified_email: boolean
}

interface ClaimsFault {
  readonly ok: false
  readonly failure: 'email-missing' | 'email-unverified' | 'claims-invalid' | 'audience-mismatch'
  readonly detail: string
}

export type IdentityResult = { readonly ok: true; readonly identity: Identity } | ClaimsFault

const limitBytes = 8 * 1024
/** What no header, log line or cookie can carry: C0, DEL, C1 and halves of surrogate pairs. */
const unprintable = /[\p{Cc}\p{Cs}]/u

/** Does the ID token leave out something that userinfo may know? */
export function lacksClaims(claims: Claims, options: ClaimOptions): boolean {
  return wantedClaims(options).some((name) => lookup(claims, name) === undefined)
}

/**
 * `profile` is the userinfo answer, empty when it was not asked; the ID token wins. A missing email
 * is a failure, a missing group list an empty one.
 */
export function readIdentity(
  claims: Claims,
  profile: Claims,
  options: ClaimOptions,
): IdentityResult {
  const problem = audienceProblem(claims, options)
  if (problem !== undefined) return fault('audience-mismatch', problem)

  const find = (name: string): unknown => lookup(claims, name) ?? lookup(profile, name)
  const found = {
    sub: claims['sub'],
    email: find(emailClaim(options)),
    groups: find(groupsClaim(options)),
    preferred_username: find('preferred_username'),
  }
  const rounded = Object.entries(found).find(([, value]) => isRounded(value))
  if (rounded) return fault('claims-invalid', `${rounded[0]} is a number beyond 2^53`)

  const identity: Identity = {
    user: coerceText(found.sub),
    email: coerceText(found.email),
    groups: coerceGroups(found.groups),
    preferredUsername: coerceText(found.preferred_username),
  }
  const invalid = identityProblem(identity)
  if (invalid !== undefined) return fault('claims-invalid', invalid)
  if (identity.email === '') return fault('email-missing', `no claim ${emailClaim(options)}`)
  if (checksVerified(options) && !coerceBoolean(find('email_verified') ?? true)) {
    return fault('email-unverified', 'email_verified is not true')
  }
  return { ok: true, identity }
}

/** oauth2-proxy's rule: `user_id_claim = "sub"` puts the subject in the place of the email. */
export function emailClaim({ oidc_email_claim, user_id_claim }: ClaimOptions): string {
  if (oidc_email_claim !== '' && oidc_email_claim !== 'email') return oidc_email_claim
  return user_id_claim || 'email'
}

function groupsClaim({ oidc_groups_claim }: ClaimOptions): string {
  return oidc_groups_claim || 'groups'
}

/** `email_verified` speaks of the claim `email` only (OpenID Connect Core 5.1). */
function checksVerified(options: ClaimOptions): boolean {
  return emailClaim(options) === 'email' && !options.insecure_oidc_allow_unverified_email
}

function wantedClaims(options: ClaimOptions): readonly string[] {
  const wanted = [emailClaim(options), groupsClaim(options), 'preferred_username']
  return checksVerified(options) ? [...wanted, 'email_verified'] : wanted
}

/** The first of the audience claims that is present decides. */
function audienceProblem(claims: Claims, options: ClaimOptions): string | undefined {
  const names = options.oidc_audience_claims
  const name = names.find((candidate) => lookup(claims, candidate) !== undefined)
  if (name === undefined) return `the ID token has none of ${names.join(', ')}`
  const accepted = [options.client_id, ...options.oidc_extra_audiences]
  const isOurs = [lookup(claims, name)].flat().some((value) => accepted.includes(String(value)))
  return isOurs ? undefined : `${name} names neither us nor an extra audience`
}

function identityProblem({ user, email, groups, preferredUsername }: Identity): string | undefined {
  if (user === '') return 'sub is empty'
  const named: readonly (readonly [string, string])[] = [
    ['sub', user],
    ['email', email],
    ['preferred_username', preferredUsername],
    ...groups.map((group) => ['a group', group] as const),
  ]
  for (const [name, value] of named) {
    if (Buffer.byteLength(value) > limitBytes) return `${name} is longer than ${limitBytes} bytes`
    if (unprintable.test(value)) return `${name} holds a control character`
  }
  return undefined
}

function fault(failure: ClaimsFault['failure'], detail: string): ClaimsFault {
  return { ok: false, failure, detail }
}
