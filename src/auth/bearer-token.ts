// A JWT in `Authorization` that stands for a session (RFC 6750). What was verified once is known by
// its exact text for a while, as sessions are by their cookie (docs/decisions/0007).
import type { Session } from '../core/session.ts'
import { ownCopy, randomToken } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { Eventual } from '../lib/eventual.ts'
import { createRecentCache } from '../lib/recent-cache.ts'
import type { OidcClient } from '../oidc/client.ts'

export type BearerOutcome =
  /** No `Authorization` header. */
  | { readonly kind: 'none' }
  | { readonly kind: 'session'; readonly session: Session }
  /** `detail` is for the log. */
  | { readonly kind: 'refused'; readonly detail: string }

/** Throws `Unavailable` when the keys to verify with cannot be had. */
export type BearerSessions = (authorization: string | undefined) => Eventual<BearerOutcome>

interface Entry {
  readonly token: string
  readonly outcome: BearerOutcome
  readonly until: number
}

/** As old as keys may be: a key that the issuer withdrew counts no longer than that. */
const trustMs = 5 * 60 * 1000
const cacheLimitBytes = 16 * 1024 * 1024
/** Objects and headers made of them, besides the token and what was read from it. */
const overheadBytes = 1000
/** The end of the signature tells tokens apart; less to hash. */
const tailLength = 32

const none: BearerOutcome = { kind: 'none' }
const noToken: BearerOutcome = { kind: 'refused', detail: 'no JWT' }

export function createBearerSessions(deps: {
  readonly oidc: Pick<OidcClient, 'verifyBearer'>
  readonly clock: Clock
}): BearerSessions {
  const { oidc, clock } = deps
  const cache = createRecentCache<Entry>(cacheLimitBytes)

  async function verify(token: string): Promise<BearerOutcome> {
    const result = await oidc.verifyBearer(token)
    if (!result.ok) return { kind: 'refused', detail: result.detail }
    const { identity, expiresAt } = result
    const now = clock.now()
    const own = ownCopy(token)
    const session: Session = {
      id: randomToken(16),
      identity,
      tokens: { accessToken: own, idToken: own, refreshToken: '' },
      providerSid: '',
      browser: { address: '', userAgent: '' },
      createdAt: now,
      refreshedAt: now,
      activeAt: now,
      generation: 0,
      expiresAt,
      tokenExpiresAt: expiresAt,
      idTokenExpiresAt: expiresAt,
    }
    const outcome: BearerOutcome = { kind: 'session', session }
    const until = Math.min(expiresAt, now + trustMs)
    // The identity is part of the token's text, base64 and all.
    cache.set(tailOf(own), { token: own, outcome, until }, 3 * own.length + overheadBytes)
    return outcome
  }

  return (authorization) => {
    if (authorization === undefined) return none
    const token = tokenIn(authorization)
    if (token === undefined) return noToken
    const entry = cache.get(tailOf(token))
    if (entry?.token === token && clock.now() < entry.until) return entry.outcome
    return isJwt(token) ? verify(token) : noToken
  }
}

/**
 * Of `Bearer`, or of `Basic` (git and other tools know nothing else): the user name without a
 * password or with `x-oauth-basic`, or the password.
 */
function tokenIn(authorization: string): string | undefined {
  const space = authorization.indexOf(' ')
  const credentials = authorization.slice(space + 1)
  switch (authorization.slice(0, Math.max(0, space)).toLowerCase()) {
    case 'bearer':
      return credentials
    case 'basic':
      return tokenInBasic(Buffer.from(credentials, 'base64').toString('latin1'))
    default:
      return undefined
  }
}

function tokenInBasic(pair: string): string | undefined {
  const colon = pair.indexOf(':')
  if (colon === -1) return undefined
  const user = pair.slice(0, colon)
  const password = pair.slice(colon + 1)
  const isInUser = (password === '' || password === 'x-oauth-basic') && isJwt(user)
  return isInUser ? user : password
}

/** Three parts of base64url, of which the first two begin as JSON objects do: `{"`. */
function isJwt(token: string): boolean {
  return /^ey[\w-]+\.ey[\w-]+\.[\w-]+$/.test(token)
}

function tailOf(token: string): string {
  return token.slice(-tailLength)
}
