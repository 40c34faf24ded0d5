import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client'
import type { Tokens } from '../core/session.ts'

/** What openid-client checked and handed over (RFC 6749 5.1). */
export type TokenAnswer = TokenEndpointResponse & TokenEndpointResponseHelpers

const noTokens: Tokens = { accessToken: '', idToken: '', refreshToken: '' }
const tenYearsSeconds = 10 * 365 * 24 * 60 * 60

/** What the answer leaves out stays as it was (RFC 6749 6: the old refresh token goes on). */
export function readTokens(answer: TokenAnswer, previous: Tokens = noTokens): Tokens {
  return {
    accessToken: answer.access_token,
    idToken: answer.id_token ?? previous.idToken,
    refreshToken: answer.refresh_token ?? previous.refreshToken,
  }
}

/** Milliseconds since the epoch; 0 without an ID token in this answer. */
export function idTokenExpiry(answer: TokenAnswer): number {
  return (answer.claims()?.exp ?? 0) * 1000
}

/** Milliseconds since the epoch; 0 when the provider did not say, for which some send 0. */
export function tokenExpiry({ expires_in = 0 }: TokenAnswer, nowMs: number): number {
  if (expires_in === 0) return 0
  return nowMs + Math.round(Math.min(expires_in, tenYearsSeconds) * 1000)
}
