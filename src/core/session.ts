import type { Identity } from './identity.ts'

export interface Tokens {
  readonly accessToken: string
  /** Empty when the provider gave none. */
  readonly idToken: string
  /** Empty when the provider gave none. */
  readonly refreshToken: string
}

/** The browser of a sign-in, for people to recognise: both are its own word, for display only. */
export interface Browser {
  /** Textual IP address; empty when unknown. */
  readonly address: string
  /** `User-Agent`, cut to a length that a cookie can carry; empty when it sent none. */
  readonly userAgent: string
}

/** Identity, tokens and times of one signed-in browser. Times are milliseconds since the epoch. */
export interface Session {
  /** Random and new at each sign-in, kept through refreshes; no secret: it may be logged. */
  readonly id: string
  readonly identity: Identity
  readonly tokens: Tokens
  /** The provider's own session (`sid` of the ID token); empty when it names none. */
  readonly providerSid: string
  readonly browser: Browser
  /** When the person signed in. */
  readonly createdAt: number
  /**
   * Fences writers off: one more at each refresh, and who started from an older state does not write.
   */
  readonly generation: number
  /** When tokens were last fetched: the sign-in or the last refresh. */
  readonly refreshedAt: number
  /** When the person last did something that counts, as far as it was written (SEC-29). */
  readonly activeAt: number
  /** The session's own end, held on the server whatever the cookie says; 0 = no end. */
  readonly expiresAt: number
  /** When the access token ends, by the provider's `expires_in`; 0 = the provider did not say. */
  readonly tokenExpiresAt: number
  /** When the ID token ends, by its `exp`; 0 = there is none, or the provider renews it no more. */
  readonly idTokenExpiresAt: number
}

/**
 * Is nothing refreshed between the two? The time counts too: versions of this service before the
 * generation was stored write none.
 */
export function isSameState(a: Session, b: Session): boolean {
  return a.id === b.id && a.generation === b.generation && a.refreshedAt === b.refreshedAt
}
