// Tokens that a client brings instead of a session (RFC 6750): whose they are.
import type { ClaimOptions } from './claims.ts'
import { emailClaim, readIdentity } from './claims.ts'
import { createIssuerKeys, defaultAlgorithms } from './issuer-keys.ts'
import { claimedIssuer, createJwtVerifier, type VerifyJwt } from './jwt.ts'
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

/** One issuer, and how its claims may be read: the first reading that fits counts. */
interface TrustedIssuer {
  readonly verify: VerifyJwt
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
      const verify = createJwtVerifier({ issuer, clock, ...createIssuerKeys(issuer, deps) })
      issuers.set(issuer, { verify, readings: [standardClaims(audience)] })
    }
  }

  return async (token) => {
    const issuer = issuers.get(claimedIssuer(token) ?? '')
    if (!issuer) return { ok: false, detail: 'of an issuer that is not configured' }
    const verified = await issuer.verify(token)
    if (!verified.ok) return verified
    const { claims, expiresAt } = verified
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
}): VerifyJwt {
  const { options, discover, keys, clock } = deps
  let algorithms = defaultAlgorithms
  const verify = createJwtVerifier({
    issuer: options.oidc_issuer_url,
    keys,
    algorithms: () => algorithms,
    clock,
  })
  return async (token) => {
    const provider = await discover()
    if (!provider.ok) throw new Unavailable('provider', provider.detail)
    algorithms = provider.metadata.id_token_signing_alg_values_supported ?? defaultAlgorithms
    return verify(token)
  }
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
