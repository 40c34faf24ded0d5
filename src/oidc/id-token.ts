// What openid-client leaves open of an ID token in the code flow, and what it cannot know.
import { createHash } from 'node:crypto'
import { isObject } from './claim-values.ts'
import type { Claims } from './claim-values.ts'
import type { Fault } from './errors.ts'
import type { Session, Tokens } from '../core/session.ts'

/** Seconds that the provider's clock and ours may differ (SEC-18, SEC-51). */
export const clockToleranceSeconds = 300

/** What is wrong with a verified ID token and the access token that came with it. */
export function idTokenFault(
  { idToken, accessToken }: Tokens,
  claims: Claims,
  nowMs: number,
): Fault | undefined {
  const atHash = claims['at_hash']
  if (atHash !== undefined && atHash !== leftHash(idToken, accessToken)) {
    return { failure: 'token-invalid', detail: 'at_hash is not of the access token' }
  }
  const aheadSeconds = Math.round(Number(claims['iat']) - nowMs / 1000)
  if (aheadSeconds > clockToleranceSeconds) {
    return { failure: 'clock-skew', detail: `iat is ${aheadSeconds} s ahead of our clock` }
  }
  return undefined
}

/** `sid` (Back-Channel Logout 2.1); empty when the provider names no session of its own. */
export function providerSidOf({ sid }: Claims): string {
  return typeof sid === 'string' ? sid : ''
}

/** Why a refreshed ID token is not of this session (OpenID Connect Core 12.2). */
export function refreshedTokenProblem(claims: Claims, session: Session): string | undefined {
  if (claims['sub'] !== session.identity.user) return 'the refreshed ID token is of another sub'
  const previous = decodePart(session.tokens.idToken, 1)
  if (previous['iss'] !== undefined && claims['iss'] !== previous['iss']) {
    return 'the refreshed ID token is of another issuer'
  }
  const isOlder = Number(claims['auth_time']) < Number(previous['auth_time'])
  return isOlder ? 'the refreshed ID token is of an older sign-in' : undefined
}

/** Core 3.1.3.8: left half of the access token's hash, by the algorithm in the header. */
function leftHash(idToken: string, accessToken: string): string {
  // The name tells the hash, but for EdDSA and Ed25519, which use SHA-512.
  const bits = /(256|384|512)$/.exec(String(decodePart(idToken, 0)['alg']))?.[0] ?? '512'
  const hash = createHash(`sha${bits}`).update(accessToken).digest()
  return hash.subarray(0, hash.length / 2).toString('base64url')
}

/** For tokens that were verified before. Empty for an absent one. */
function decodePart(jwt: string, index: 0 | 1): Claims {
  const part = jwt.split('.')[index] ?? ''
  if (part === '') return {}
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
  return isObject(value) ? value : {}
}
