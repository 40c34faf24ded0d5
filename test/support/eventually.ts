import { setTimeout as sleep } from 'node:timers/promises'

/** Repeats an assertion until it holds; after `timeoutMs` its last error is thrown. */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = 10_000, intervalMs = 25 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    try {
      return await assertion()
    } catch (error) {
      if (performance.now() > deadline) throw error
    }
    await sleep(intervalMs)
  }
}

/** For what a sign-out or an outage must have brought about by then (SEC-30). */
export function withinASecond<T>(assertion: () => T | Promise<T>): Promise<T> {
  return eventually(assertion, { timeoutMs: 1000 })
}
