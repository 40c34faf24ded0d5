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

export interface MemoryBackendSetup {
  /** Values that it holds at most; the oldest go first. */
  readonly limit?: number
  /** Told of each key whose value changes or goes before its time, before it does. */
  readonly changed?: (key: string) => void
}

/** Sessions of one process, gone when it ends: for development. */
export function createMemoryBackend(
  clock: Clock,
  { limit = defaultLimit, changed = () => {} }: MemoryBackendSetup = {},
): SessionBackend {
  const entries = new Map<string, Entry>()

  function get(key: string): Uint8Array | undefined {
    const entry = entries.get(key)
    if (entry && entry.endsAt > clock.now()) return entry.value
    entries.delete(key)
    return undefined
  }

  function remove(key: string): boolean {
    changed(key)
    return entries.delete(key)
  }

  function set(key: string, value: Uint8Array, ttlMs = Infinity): void {
    changed(key)
    entries.set(key, { value, endsAt: clock.now() + ttlMs })
    const [oldest] = entries.keys()
    if (entries.size > limit && oldest !== undefined) remove(oldest)
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
      remove(key)
    },
    async deleteExpected(key, expected) {
      return isHeld(key, expected) && remove(key)
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
