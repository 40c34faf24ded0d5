import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { Unavailable } from '../../src/core/errors.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies, type BrowserCookies } from './browser-cookies.ts'
import { afterTest, type Cleanup } from './cleanup.ts'
import type { FakeClock } from './clock.ts'
import { someSession } from './sessions.ts'

interface SignedIn {
  readonly browser: BrowserCookies
  /** How often its session was refreshed, as far as the store said so. */
  generation: number
}

export interface SessionLoad {
  /** Answers so far: right ones, and those that the store could not give. */
  readonly counts: { found: number; unavailable: number; refreshed: number }
  /** Stops and throws what was wrong about any answer. */
  stop(): Promise<void>
}

/** Signs so many browsers in, each with a session of its own. */
export async function signInAll(store: SessionStore, count: number): Promise<readonly SignedIn[]> {
  const people: SignedIn[] = []
  for (let index = 0; index < count; index += 1) {
    const browser = createBrowserCookies()
    const session = someSession({ id: `session-${index}` })
    browser.take(await store.create(session, browser.request()))
    people.push({ browser, generation: 0 })
  }
  return people
}

/**
 * Checks and refreshes the sessions without a pause, past what the store remembers, until it is
 * stopped. Each answer must be the session, not older than the last refresh that succeeded, or that
 * the store is unavailable.
 */
export function startSessionLoad(
  t: Cleanup,
  store: SessionStore,
  people: readonly SignedIn[],
  clock: FakeClock,
): SessionLoad {
  const over = new AbortController()
  afterTest(t, () => {
    over.abort()
  })
  const counts = { found: 0, unavailable: 0, refreshed: 0 }

  async function unlessUnavailable(run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      counts.unavailable += 1
      await sleep(20)
    }
  }

  async function use(person: SignedIn): Promise<void> {
    const request = person.browser.request()
    const loaded = await store.load(request)
    assert.equal(loaded.state, 'found')
    const session = 'session' in loaded ? loaded.session : someSession()
    assert.ok(session.generation >= person.generation, 'a refresh was lost')
    counts.found += 1
    const refreshed = { ...session, generation: session.generation + 1 }
    const cookies = await store.replace(refreshed, request, session)
    assert.deepEqual(cookies, [])
    person.generation = refreshed.generation
    counts.refreshed += 1
  }

  const running = people.map(async (person) => {
    while (!over.signal.aborted) {
      clock.advance(3_600_000)
      await unlessUnavailable(() => use(person))
      await sleep(1)
    }
  })
  const ended = Promise.all(running)
  // Reported by stop().
  ended.catch(() => undefined)
  return {
    counts,
    async stop() {
      over.abort()
      await ended
    },
  }
}
