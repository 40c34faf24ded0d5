// Signed JWTs that others hand us (RFC 7519, RFC 8725).
import {
  createLocalJWKSet,
  errors,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyResult,
} from 'jose'
import { isObject, type Claims } from './claim-values.ts'
import { oneLine } from './errors.ts'
import { clockToleranceSeconds } from './id-token.ts'
import type { KeySet } from './key-set.ts'
import type { Clock } from '../lib/clock.ts'

export type VerifiedJwt =
  | { readonly ok: true; readonly claims: Claims; readonly expiresAt: number }
  /** `detail` is for the log and holds nothing of the token. */
  | { readonly ok: false; readonly detail: string }

export interface JwtVerifierDeps {
  readonly issuer: string
  readonly keys: KeySet
  /** Asked once the keys are there; what is no asymmetric signature is left out. */
  readonly algorithms: () => readonly string[]
  readonly clock: Clock
}

/**
 * Signature, algorithm, `typ`, `iss`, `exp`, `nbf` and `iat` (SEC-23); audience and identity are the
 * caller's. Keys come from the issuer's own set, never from the token (`jku`, `x5u`, `jwk`). Throws
 * `Unavailable` when the key cannot be had.
 */
export type VerifyJwt = (token: string) => Promise<VerifiedJwt>

type FindKey = ReturnType<typeof createLocalJWKSet>

/** With a shared key (HS*) everyone who knows the public one could sign. */
const asymmetric = /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)$/

/** Tokens of other kinds (logout, DPoP, security events) say so in `typ`. */
const acceptedTypes: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt'])

export function createJwtVerifier({ issuer, keys, algorithms, clock }: JwtVerifierDeps): VerifyJwt {
  let latest: { readonly document: string; readonly findKey: FindKey } | undefined

  /** Keys are imported once, not for every token. */
  function keysIn(document: string): FindKey {
    if (latest?.document !== document) {
      const findKey = createLocalJWKSet(JSON.parse(document) as JSONWebKeySet)
      latest = { document, findKey }
    }
    return latest.findKey
  }

  function verify(token: string, document: string): Promise<JWTVerifyResult> {
    return jwtVerify(token, keysIn(document), {
      issuer,
      algorithms: algorithms().filter((name) => asymmetric.test(name)),
      requiredClaims: ['exp'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(clock.now()),
    })
  }

  async function verifyWithNewestKeys(token: string): Promise<JWTVerifyResult> {
    const document = await keys.current()
    try {
      return await verify(token, document)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      const newer = await keys.newerThan(document)
      if (newer !== undefined) return verify(token, newer)
      throw keys.outage() ?? error
    }
  }

  return async (token) => {
    try {
      const { payload, protectedHeader } = await verifyWithNewestKeys(token)
      const expiresAt = Number(payload.exp) * 1000
      const problem = typeProblem(protectedHeader.typ, payload) ?? timeProblem(payload, clock.now())
      return problem === undefined
        ? { ok: true, claims: payload, expiresAt }
        : { ok: false, detail: problem }
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

function typeProblem(typ: string | undefined, claims: Claims): string | undefined {
  if (typ !== undefined && !acceptedTypes.has(typ.toLowerCase())) return 'typ is of another kind'
  // A logout token without its typ (Back-Channel Logout 1.0, 2.4).
  return claims['events'] === undefined ? undefined : 'it is a security event'
}

/** jose gives `exp` the tolerance that only `nbf` and `iat` get here, as in oauth2-proxy. */
function timeProblem({ exp, iat }: Claims, nowMs: number): string | undefined {
  const nowSeconds = nowMs / 1000
  if (Number(exp) <= nowSeconds) return 'it has expired'
  const isAhead = iat !== undefined && Number(iat) - nowSeconds > clockToleranceSeconds
  return isAhead ? 'iat is ahead of our clock' : undefined
}

/** jose's messages name a claim or a header parameter. Of a key that is no key, only the kind. */
function problemOf(error: unknown): string {
  if (error instanceof errors.JOSEError) return oneLine(`${error.code}: ${error.message}`)
  if (error instanceof TypeError || error instanceof DOMException) return `key: ${error.name}`
  throw error
}
