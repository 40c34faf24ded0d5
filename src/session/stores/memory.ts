import type { SessionBackend } from './backend.ts'
import { createMemoryLists } from './memory-lists.ts'
import type { Clock } from '../../lib/clock.ts'

interface Entry {
  readonly value: Uint8Array
  /** Milliseconds since the epoch; Infinity = no end. */
  readonly endsAt: number
}

/** Ten thousand sessions, each with its card. */
const defaultLimit = 20_000

/**
 * Sessions of one process, gone when it ends: for development. Holds at most `limit` values; the
 * oldest go first.
 */
export function createMemoryBackend(clock: Clock, limit: number = defaultLimit): SessionBackend {
  const entries = new Map<string, Entry>()

  function get(key: string): Uint8Array | undefined {
    const entry = entries.get(key)
    if (entry && entry.endsAt > clock.now()) return entry.value
    entries.delete(key)
    return undefined
  }

  function set(key: string, value: Uint8Array, ttlMs = Infinity): void {
    entries.set(key, { value, endsAt: clock.now() + ttlMs })
    const [oldest] = entries.keys()
    if (entries.size > limit && oldest !== undefined) entries.delete(oldest)
  }

  function isHeld(key: string, expected: Uint8Array): boolean {
    const held = get(key)
    return held !== undefined && Buffer.compare(held, expected) === 0
  }

  return {
    async get(key) {
      return get(key)
    },
    async has(key) {
      return get(key) !== undefined
    },
    async set(key, value, ttlMs) {
      set(key, value, ttlMs)
    },
    async replace(key, value, ttlMs, expected) {
      if (!isHeld(key, expected)) return false
      set(key, value, ttlMs)
      return true
    },
    async delete(key) {
      entries.delete(key)
    },
    async deleteExpected(key, expected) {
      return isHeld(key, expected) && entries.delete(key)
    },
    /** One process takes its turns by itself. */
    async lock() {
      return async () => {}
    },
    lists: createMemoryLists(),
    async ping() {},
    async close() {
      entries.clear()
    },
  }
}
