// The sessions that processes under test keep in Redis, read and changed from outside.
import assert from 'node:assert/strict'
import type { Session } from '../../src/core/session.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { parseCookies } from '../../src/lib/cookie-header.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import { afterTest, type Cleanup } from './cleanup.ts'
import { eventually } from './eventually.ts'
import { sessionOptions } from './session-options.ts'
import { recordedLog } from './sessions.ts'

type RedisOptions = Partial<SessionStoreOptions>

export interface StoredSessions {
  read(cookieHeader: string): Promise<Session>
  /** As if time had passed, or somebody else had written: no process is told. */
  change(cookieHeader: string, changes: Partial<Session>): Promise<void>
}

/** Opens what a `cookie_secret` sealed in the Redis that these options lead to. */
export async function openStoredSessions(
  t: Cleanup,
  { redis, cookieSecret }: { readonly redis: RedisOptions; readonly cookieSecret: string },
): Promise<StoredSessions> {
  const options = sessionOptions({
    session_store_type: 'redis',
    ...redis,
    cookie_secret: [new Secret(cookieSecret)],
  })
  const deps = { clock: systemClock, log: recordedLog(), observe: () => undefined }
  const store = await createSessionStore(options, deps)
  afterTest(t, () => store.close())
  await eventually(() => store.ping())
  const contextOf = (cookieHeader: string) => ({ cookies: parseCookies(cookieHeader), host: '' })

  async function read(cookieHeader: string): Promise<Session> {
    const loaded = await store.reload(contextOf(cookieHeader))
    assert.ok(loaded.state === 'found')
    return loaded.session
  }

  return {
    read,
    async change(cookieHeader, changes) {
      const base = await read(cookieHeader)
      const changed = { ...base, generation: base.generation + 1, ...changes }
      assert.ok(await store.replace(changed, contextOf(cookieHeader), base))
    },
  }
}
