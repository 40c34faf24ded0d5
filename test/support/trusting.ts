import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CookieContext, SessionStore } from '../../src/session/store.ts'
import type { FakeClock } from './clock.ts'
import { eventually } from './eventually.ts'

/** More than the store takes between two proofs that it hears of changes, on a machine with time. */
const proofMs = 400

/**
 * Waits until the store goes by what it remembers of these sessions though more time passed than
 * without word of changes. Its clock must stand still.
 */
export async function trusting(
  { store, clock }: { readonly store: SessionStore; readonly clock: FakeClock },
  ...requests: readonly CookieContext[]
): Promise<void> {
  let waitMs = proofMs
  await eventually(async () => {
    for (const request of requests) {
      await store.load(request)
      await store.load(request)
    }
    clock.advance(901)
    await sleep(waitMs)
    waitMs *= 1.5
    // The first look tells: it would read what is not trusted, and then know it again for a while.
    const loaded = requests.map((request) => store.load(request))
    await Promise.allSettled(loaded.map(async (answer) => answer))
    for (const answer of loaded) assert.ok(!(answer instanceof Promise))
  })
}
