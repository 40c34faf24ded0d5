import type { EndTurn } from '../store.ts'

/**
 * Keeps sealed sessions under their keys: all that a place must be able to do to hold sessions.
 * Every method throws `Unavailable('store')` when the place did not answer.
 * `ttlMs` is the time to keep a value, undefined = no end.
 */
export interface SessionBackend {
  /** Undefined when nothing is kept there, or nothing of ours. */
  get(key: string): Promise<Uint8Array | undefined>
  set(key: string, value: Uint8Array, ttlMs: number | undefined): Promise<void>
  /** As `set`, but only over what is still kept: never brings back what was deleted. */
  replace(key: string, value: Uint8Array, ttlMs: number | undefined): Promise<void>
  delete(key: string): Promise<void>
  /** Keeps a lock under this key, unless one is there already: then undefined. */
  lock(key: string, ttlMs: number): Promise<EndTurn | undefined>
  /** Resolves when the place answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
