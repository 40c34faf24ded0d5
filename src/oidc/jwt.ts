// Signed JWTs that others hand us (RFC 7519, RFC 8725): bearer tokens and logout tokens.
import {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTPayload,
  type JWTVerifyResult,
} from 'jose'
import { isObject } from './claim-values.ts'
import { clockToleranceSeconds } from './id-token.ts'
import type { KeySet } from './key-set.ts'
import type { Clock } from '../lib/clock.ts'

export type VerifiedJwt =
  | { readonly ok: true; readonly claims: JWTPayload }
  /** `detail` is constant text, for the log. */
  | { readonly ok: false; readonly detail: string }

/** What a token must be, besides signed. */
export interface JwtDemands {
  readonly issuer: string
  readonly audience?: string
  /** Asked once the keys are there; what is no asymmetric signature is left out. */
  readonly algorithms: () => readonly string[]
  /** In lower case. Tokens of other kinds (DPoP, security events) say so in `typ`; it may be absent. */
  readonly types: ReadonlySet<string>
  readonly requiredClaims: readonly string[]
  /** Of `iat`, which may not be ahead of our clock then. */
  readonly maxAgeSeconds?: number
}

/**
 * Signature, algorithm, `typ`, `crit`, `iss`, `aud`, `exp`, `nbf` and `iat` (SEC-23); the times with
 * the tolerance of ID tokens. Keys come from the issuer's own set, never from the token (`jku`,
 * `x5u`, `jwk`). Throws `Unavailable` when the key cannot be had.
 */
export type VerifyJwt = (token: string, demands: JwtDemands) => Promise<VerifiedJwt>

type FindKey = ReturnType<typeof createLocalJWKSet>

/** With a shared key (HS*) everyone who knows the public one could sign. */
const asymmetric = /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/

export function createJwtVerifier(keys: KeySet, clock: Clock): VerifyJwt {
  let latest: { readonly document: string; readonly findKey: FindKey } | undefined

  /** Keys are imported once, not for every token. */
  function keysIn(document: string): FindKey {
    if (latest?.document !== document) {
      const findKey = createLocalJWKSet(JSON.parse(document) as JSONWebKeySet)
      latest = { document, findKey }
    }
    return latest.findKey
  }

  function verify(token: string, document: string, demands: JwtDemands): Promise<JWTVerifyResult> {
    const { issuer, audience, algorithms, requiredClaims, maxAgeSeconds } = demands
    return jwtVerify(token, keysIn(document), {
      issuer,
      ...(audience !== undefined && { audience }),
      algorithms: algorithms().filter((name) => asymmetric.test(name)),
      requiredClaims: [...requiredClaims],
      ...(maxAgeSeconds !== undefined && { maxTokenAge: maxAgeSeconds }),
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(clock.now()),
    })
  }

  async function verifyWithNewestKeys(
    token: string,
    demands: JwtDemands,
  ): Promise<JWTVerifyResult> {
    const document = await keys.current()
    try {
      return await verify(token, document, demands)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const newer = await keys.newerThan(document)
      if (newer !== undefined) return verify(token, newer, demands)
      throw keys.outage() ?? error
    }
  }

  return async (token, demands) => {
    try {
      const { payload, protectedHeader } = await verifyWithNewestKeys(token, demands)
      const { typ } = protectedHeader
      const isOfType = typ === undefined || demands.types.has(typ.toLowerCase())
      return isOfType
        ? { ok: true, claims: payload }
        : { ok: false, detail: 'typ is of another kind' }
    } catch (error) {
      return { ok: false, detail: problemOf(error) }
    }
  }
}

/** The `iss` of a token that nobody has verified: says whose keys to try, and nothing else. */
export function claimedIssuer(token: string): string | undefined {
  try {
    const payload: unknown = JSON.parse(
      Buffer.from(token.split('.')[1] ?? '', 'base64url').toString(),
    )
    const issuer = isObject(payload) ? payload['iss'] : undefined
    return typeof issuer === 'string' ? issuer : undefined
  } catch {
    return undefined
  }
}

/** jose's codes are constant, its messages are not. */
function problemOf(error: unknown): string {
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) {
    return `${error.code} (${error.claim})`
  }
  if (error instanceof errors.JOSEError) return error.code
  // Keys that are none, and text for numbers.
  if (error instanceof TypeError || error instanceof DOMException) return `key: ${error.name}`
  throw error
}
