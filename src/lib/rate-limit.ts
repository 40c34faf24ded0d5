import type { Clock } from './clock.ts'
import { createRecentCache } from './recent-cache.ts'

/** How often something may happen for each of many keys: `burst` at once, then `perSecond`. */
export interface RateLimit {
  /** Milliseconds until it may happen again for this key; 0 = now. */
  waitMs(key: string): number
  /** It happened. */
  count(key: string): void
}

export interface RateLimitSetup {
  readonly burst: number
  readonly perSecond: number
  readonly clock: Clock
}

/** Keys beyond some ten thousand make the ones used least forgotten. */
const limitBytes = 1024 * 1024
const bytesPerKey = 100

export function createRateLimit({ burst, perSecond, clock }: RateLimitSetup): RateLimit {
  const everyMs = 1000 / perSecond
  const fullMs = burst * everyMs
  /** When all of the burst may happen again, by key. */
  const freshAt = createRecentCache<number>(limitBytes)

  function spentMs(key: string): number {
    const spent = Math.max(0, (freshAt.get(key) ?? 0) - clock.now())
    // More than there is to spend: the clock was set back, which must lock nobody out.
    return spent > fullMs ? 0 : spent
  }

  return {
    waitMs: (key) => Math.max(0, spentMs(key) - (fullMs - everyMs)),
    count(key) {
      const spent = Math.min(fullMs, spentMs(key) + everyMs)
      freshAt.set(key, clock.now() + spent, bytesPerKey)
    },
  }
}
