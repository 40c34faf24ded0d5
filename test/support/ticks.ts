import type { TestContext } from 'node:test'

/**
 * Mocks `setTimeout`; returns what lets the time pass. In steps: timers that are set on the way are
 * otherwise set at its end.
 */
export function mockTimeouts(t: TestContext): (ms: number) => void {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  return (ms) => {
    for (let passed = 0; passed < ms; passed += 500) t.mock.timers.tick(500)
  }
}
