import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Repeats an assertion until it holds. What fails though it began after `timeoutMs` is thrown: how
 * long a busy machine takes over one try says nothing about when something came about.
 */
export async function eventually<T>(
  assertion: () => T | Promise<T>,
  { timeoutMs = 30_000, intervalMs = 25 }: { timeoutMs?: number; intervalMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    const isLast = performance.now() > deadline
    try {
      return await assertion()
    } catch (error) {
      if (isLast) throw error
    }
    await sleep(intervalMs)
  }
}

/** For what a sign-out or an outage must have brought about by then (SEC-30). */
export function withinASecond<T>(assertion: () => T | Promise<T>): Promise<T> {
  return eventually(assertion, { timeoutMs: 1000 })
}
