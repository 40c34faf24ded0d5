import type { Identity } from './identity.ts'

export interface Tokens {
  readonly accessToken: string
  /** Empty when the provider gave none. */
  readonly idToken: string
  /** Empty when the provider gave none. */
  readonly refreshToken: string
}

/** Identity, tokens and times of one signed-in browser. Times are milliseconds since the epoch. */
export interface Session {
  /** Random and new at each sign-in, kept through refreshes; no secret: it may be logged. */
  readonly id: string
  readonly identity: Identity
  readonly tokens: Tokens
  /** When the person signed in. */
  readonly createdAt: number
  /** When tokens were last fetched: the sign-in or the last refresh. */
  readonly refreshedAt: number
  /** The session's own end, held on the server whatever the cookie says; 0 = no end. */
  readonly expiresAt: number
  /** When the access token ends, by the provider's `expires_in`; 0 = the provider did not say. */
  readonly tokenExpiresAt: number
}
