import type { Clock } from '../../src/lib/clock.ts'

export interface FakeClock extends Clock {
  advance(ms: number): void
}

/** A clock that stands still until it is moved. Starts at 2026-01-01T00:00:00Z. */
export function fakeClock(startMs: number = Date.UTC(2026, 0, 1)): FakeClock {
  let now = startMs
  return {
    now: () => now,
    advance(ms) {
      now += ms
    },
  }
}
