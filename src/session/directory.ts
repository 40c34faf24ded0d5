import type { Browser } from '../core/session.ts'

/** What is told of a session without its cookie: whose, since when, from where; never a token. */
export interface SessionCard {
  readonly id: string
  /** The subject (`sub`). */
  readonly user: string
  readonly email: string
  readonly preferredUsername: string
  readonly providerSid: string
  readonly browser: Browser
  /** Times as in `Session`. */
  readonly createdAt: number
  readonly expiresAt: number
}

/** Which sessions: one, those of a person, those of one session at the provider, or all. */
export type SessionSelector =
  | { readonly by: 'id'; readonly id: string }
  | { readonly by: 'sub'; readonly sub: string }
  /** `sub` or e-mail address: as operators name people. */
  | { readonly by: 'user'; readonly user: string }
  /** `sid` of ID tokens and logout tokens; with a `sub` also those of this person that have none. */
  | { readonly by: 'sid'; readonly sid: string; readonly sub?: string }
  | { readonly by: 'all' }

/** Every method throws `Unavailable('store')` when the store did not answer. */
export interface Revocations {
  /** Ends them everywhere and returns those that ended, as far as the store can tell. */
  revoke(selector: SessionSelector): Promise<readonly SessionCard[]>
  /**
   * Runs what may happen once, on all replicas; undefined when it did before, less than `keepMs` ago.
   * A failure is as if it had never run.
   */
  once<T>(name: string, keepMs: number, run: () => Promise<T>): Promise<T | undefined>
}

/** Of a store that knows its sessions. */
export interface SessionDirectory extends Revocations {
  /** Sessions that live now, the newest sign-in first. */
  list(selector: SessionSelector): Promise<readonly SessionCard[]>
}
