import type { SessionLists } from './session-lists.ts'

/** Never rejects: a lock that cannot be given back ends by itself. */
export type Unlock = () => Promise<void>

/**
 * Keeps sealed sessions under their keys: all that a place must be able to do to hold sessions.
 * Every method throws `Unavailable('store')` when the place did not answer.
 * `ttlMs` is the time to keep a value, undefined = no end.
 */
export interface SessionBackend {
  /** Undefined when nothing is kept there, or nothing of ours. */
  get(key: string): Promise<Uint8Array | undefined>
  has(key: string): Promise<boolean>
  set(key: string, value: Uint8Array, ttlMs: number | undefined): Promise<void>
  /**
   * As `set`, in one step, but only over `expected`: never over what somebody else wrote, and never
   * brings back what was deleted. Were they there? Values must be sealed ones: no two are alike.
   */
  replace(
    key: string,
    value: Uint8Array,
    ttlMs: number | undefined,
    expected: Uint8Array,
  ): Promise<boolean>
  delete(key: string): Promise<void>
  /** As `delete`, in one step, but only `expected`. Were they there? */
  deleteExpected(key: string, expected: Uint8Array): Promise<boolean>
  /**
   * A lock under this key, kept until it is given back or its holder dies; undefined while another
   * one holds it.
   */
  lock(key: string): Promise<Unlock | undefined>
  /** Where sessions are listed by whose they are. */
  readonly lists: SessionLists
  /** Resolves when the place answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
