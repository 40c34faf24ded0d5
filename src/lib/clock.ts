/** Time as a dependency, so that tests move it. The only reader of the system clock in src. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** Seconds passed since `startedNs`, from the monotonic clock; for latencies, never for expiry. */
export function secondsSince(startedNs: bigint): number {
  return Number(process.hrtime.bigint() - startedNs) / 1e9
}
