import type { Clock } from './clock.ts'

interface Flight<T> {
  readonly result: Promise<T>
  /** Set once settled: the result is handed out until then. */
  keepUntil?: number
}

/**
 * One running operation per key: who comes while it runs, or within `keepMs(result)` after it
 * ended, gets the same result. A rejected operation is forgotten at once. Holds at most `limit`
 * settled results, the oldest go first.
 */
export function createSingleFlight<T>(options: {
  clock: Clock
  keepMs: (result: T) => number
  limit: number
}): (key: string, operation: () => Promise<T>) => Promise<T> {
  const flights = new Map<string, Flight<T>>()

  function evict(now: number): void {
    for (const [key, flight] of flights) {
      if (flight.keepUntil === undefined) continue
      if (flight.keepUntil > now && flights.size <= options.limit) continue
      flights.delete(key)
    }
  }

  return async (key, operation) => {
    const now = options.clock.now()
    const known = flights.get(key)
    if (known && (known.keepUntil === undefined || known.keepUntil > now)) return known.result
    const flight: Flight<T> = { result: operation() }
    flights.set(key, flight)
    try {
      const result = await flight.result
      flight.keepUntil = options.clock.now() + options.keepMs(result)
      evict(options.clock.now())
      return result
    } catch (error) {
      flights.delete(key)
      throw error
    }
  }
}
