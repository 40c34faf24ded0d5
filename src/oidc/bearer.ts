// Tokens that a client brings instead of a session (RFC 6750): whose they are.
import type { JWTPayload } from 'jose'
import type { ClaimOptions } from './claims.ts'
import { emailClaim, readIdentity } from './claims.ts'
import { createIssuerKeys, defaultAlgorithms } from './issuer-keys.ts'
import { clockToleranceSeconds } from './id-token.ts'
import { claimedIssuer, createJwtVerifier, type JwtDemands, type VerifiedJwt } from './jwt.ts'
import { withRoles } from './keycloak-roles.ts'
import type { KeySet } from './key-set.ts'
import type { DiscoverProvider } from './provider.ts'
import type { ProviderFetch } from './provider-fetch.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Identity } from '../core/identity.ts'
import type { Clock } from '../lib/clock.ts'

export interface BearerOptions extends ClaimOptions {
  readonly oidc_issuer_url: string
  /** `keycloak-oidc`: roles are groups, too. */
  readonly provider?: string
  readonly extra_jwt_issuers: readonly { readonly issuer: string; readonly audience: string }[]
}

export type BearerResult =
  | {
      readonly ok: true
      readonly identity: Identity
      /** `exp`, in milliseconds since the epoch. */
      readonly expiresAt: number
    }
  /** `detail` is for the log and holds nothing of the token. */
  | { readonly ok: false; readonly detail: string }

/** Throws `Unavailable` when the issuer's keys cannot be had. */
export type VerifyBearer = (token: string) => Promise<BearerResult>

type VerifyOfIssuer = (token: string) => Promise<VerifiedJwt>

/** One issuer, and how its claims may be read: the first reading that fits counts. */
interface TrustedIssuer {
  readonly verify: VerifyOfIssuer
  readonly readings: ClaimOptions[]
}

/**
 * The provider's own tokens by the options for ID tokens, without userinfo; those of
 * `extra_jwt_issuers` by the standard claims. A token of one issuer is never tried with the keys of
 * another (SEC-23).
 */
export function createBearer(deps: {
  readonly options: BearerOptions
  readonly discover: DiscoverProvider
  readonly keys: KeySet
  readonly fetch: ProviderFetch
  readonly clock: Clock
  readonly log: Log
}): VerifyBearer {
  const { options, clock } = deps
  const issuers = new Map<string, TrustedIssuer>()
  issuers.set(options.oidc_issuer_url, { verify: ownVerifier(deps), readings: [options] })
  for (const { issuer, audience } of options.extra_jwt_issuers) {
    const known = issuers.get(issuer)
    if (known) known.readings.push(standardClaims(audience))
    else {
      const { keys, algorithms } = createIssuerKeys(issuer, deps)
      const verifyJwt = createJwtVerifier(keys, clock)
      const verify: VerifyOfIssuer = (token) => verifyJwt(token, demandsOf(issuer, algorithms))
      issuers.set(issuer, { verify, readings: [standardClaims(audience)] })
    }
  }

  return async (token) => {
    const issuer = issuers.get(claimedIssuer(token) ?? '')
    if (!issuer) return { ok: false, detail: 'of an issuer that is not configured' }
    const verified = await issuer.verify(token)
    if (!verified.ok) return verified
    const { claims } = verified
    const problem = problemOf(claims, clock.now())
    if (problem !== undefined) return { ok: false, detail: problem }
    const expiresAt = Number(claims.exp) * 1000
    let detail = ''
    for (const reading of issuer.readings) {
      // Machines have no address: their subject stands for it, as in oauth2-proxy.
      const found = readIdentity(claims, { [emailClaim(reading)]: claims['sub'] }, reading)
      const hasRoles = reading === options && options.provider === 'keycloak-oidc'
      const result = hasRoles ? withRoles(found, claims) : found
      if (result.ok) return { ok: true, identity: result.identity, expiresAt }
      detail ||= result.detail
    }
    return { ok: false, detail }
  }
}

function ownVerifier(deps: {
  readonly options: BearerOptions
  readonly discover: DiscoverProvider
  readonly keys: KeySet
  readonly clock: Clock
}): VerifyOfIssuer {
  const { options, discover, keys, clock } = deps
  const verify = createJwtVerifier(keys, clock)
  return async (token) => {
    const provider = await discover()
    if (!provider.ok) throw new Unavailable('provider', provider.detail)
    const { id_token_signing_alg_values_supported: announced } = provider.metadata
    return verify(
      token,
      demandsOf(options.oidc_issuer_url, () => announced ?? defaultAlgorithms),
    )
  }
}

const acceptedTypes: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt'])

/** Audience and identity are read later. */
function demandsOf(issuer: string, algorithms: JwtDemands['algorithms']): JwtDemands {
  return { issuer, algorithms, types: acceptedTypes, requiredClaims: ['exp'] }
}

/** `exp` has none of the tolerance that `nbf` and `iat` get, as in oauth2-proxy. */
function problemOf({ events, exp, iat }: JWTPayload, nowMs: number): string | undefined {
  // A logout token without its typ (Back-Channel Logout 1.0, 2.4).
  if (events !== undefined) return 'it is a security event'
  const nowSeconds = nowMs / 1000
  if (Number(exp) <= nowSeconds) return 'it has expired'
  const isAhead = iat !== undefined && iat - nowSeconds > clockToleranceSeconds
  return isAhead ? 'iat is ahead of our clock' : undefined
}

function standardClaims(audience: string): ClaimOptions {
  return {
    client_id: audience,
    oidc_email_claim: 'email',
    user_id_claim: '',
    oidc_groups_claim: 'groups',
    oidc_audience_claims: ['aud'],
    oidc_extra_audiences: [],
    insecure_oidc_allow_unverified_email: false,
  }
}
