import type { Clock } from './clock.ts'
import type { Eventual } from './eventual.ts'

/**
 * One running operation per key: who comes while it runs, or (and at once) within `keepMs(result)`
 * after it ended, gets the same result. A rejected operation is forgotten at once. Holds at most
 * `limit` settled results, the oldest go first.
 */
export function createSingleFlight<T>(options: {
  clock: Clock
  keepMs: (result: T) => number
  limit: number
}): (key: string, operation: () => Promise<T>) => Eventual<T> {
  const running = new Map<string, Promise<T>>()
  const settled = new Map<string, { readonly result: T; readonly keepUntil: number }>()

  function keep(key: string, result: T): void {
    const now = options.clock.now()
    settled.delete(key)
    settled.set(key, { result, keepUntil: now + options.keepMs(result) })
    for (const [other, { keepUntil }] of settled) if (keepUntil <= now) settled.delete(other)
    for (const oldest of settled.keys()) {
      if (settled.size <= options.limit) break
      settled.delete(oldest)
    }
  }

  async function start(key: string, operation: () => Promise<T>): Promise<T> {
    try {
      // Begun at once, and what it throws before its first await is a rejection too.
      const result = await (async () => operation())()
      keep(key, result)
      return result
    } finally {
      running.delete(key)
    }
  }

  return (key, operation) => {
    const known = settled.get(key)
    if (known && known.keepUntil > options.clock.now()) return known.result
    const flight = running.get(key) ?? start(key, operation)
    running.set(key, flight)
    return flight
  }
}
