/** What the check decided about one allowed request: what is added to it and taken from it. */
export interface Passage {
  /** Sent to the upstream instead of what the client sent under these names, however spelt. */
  readonly requestHeaders: Readonly<Record<string, string>>
  /**
   * May a client not send this header? Names come in lower case, with every separator as `-`.
   * True for `x-forwarded-for` drops what the client says of earlier hops.
   */
  isStripped(name: string): boolean
  /** Is this one of our own cookies, which no upstream gets to see (SEC-36)? */
  isOwnCookie(name: string): boolean
  /** Sent to the client in place of the upstream's; `set-cookie` in addition to it. */
  readonly responseHeaders: Readonly<Record<string, string | readonly string[]>>
  /** Aborted when the session ends: what still streams or tunnels is cut (SEC-37). */
  readonly signal?: AbortSignal | undefined
}

/** Why a request did not get its whole answer. A closed list, for log lines. */
export type ForwardFailureKind =
  /** Could be read differently by the upstream, or is no upgrade that we do: 400. */
  | 'bad-request'
  /** No connection: refused, no such name, a certificate that does not hold: 502. */
  | 'unreachable'
  /** The upstream closed the connection without an answer: 502. */
  | 'closed'
  /** The answer is not HTTP, or broke off: 502. */
  | 'broken'
  /** No answer within `upstream_timeout`: 504. */
  | 'timeout'
  /** Nobody is there to answer. */
  | 'client-gone'
  /** The signal of the passage ended it. */
  | 'session-ended'

/**
 * When nothing was sent yet (`outgoing.headersSent`), the answer is the caller's to give; otherwise
 * the client's connection is closed already, so that it sees a truncated answer.
 */
export interface ForwardFailure {
  readonly kind: ForwardFailureKind
  /** For the log. */
  readonly detail: string
}
