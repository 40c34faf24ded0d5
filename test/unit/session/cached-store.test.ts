import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCachedStore } from '../../../src/session/cached-store.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import { createHeardChanges } from '../../../src/session/heard-changes.ts'
import type { CookieContext, LoadedSession, SessionStore } from '../../../src/session/store.ts'
import { fakeClock } from '../../support/clock.ts'
import { oneSessionStore, recordedLog, someSession } from '../../support/sessions.ts'

const name = '_oauth2_proxy'
const shows = (cookies: Record<string, string[]>): CookieContext => ({
  cookies: new Map(Object.entries(cookies)),
  host: 'app.example.com',
})
const cookie = shows({ [name]: ['sealed'] })

function cachedStore(
  loaded: LoadedSession = { state: 'found', session: someSession() },
  cookieSecrets = (): unknown => undefined,
  graceMs = 0,
) {
  const clock = fakeClock()
  const log = recordedLog()
  const behind = oneSessionStore(loaded)
  let loads = 0
  const changes = createHeardChanges(1024)
  const heard = { changes, maxAgeMs: 60_000, storeKeyOf: (text: string) => `key-of-${text}` }
  const store = createCachedStore(
    {
      ...behind,
      load(context) {
        loads += 1
        return behind.load(context)
      },
    },
    {
      cookieName: name,
      clock,
      blindMs: 900,
      heard,
      ...(graceMs > 0 && { grace: { ms: graceMs, log } }),
      limitBytes: 1_000_000,
      cookieSecrets,
    },
  )
  return { store, behind, clock, changes, log, loads: () => loads }
}

/** Twice: what is shown once is not kept. */
async function show(store: SessionStore, context: CookieContext): Promise<void> {
  await store.load(context)
  await store.load(context)
}

test('keeps what is shown a second time, and answers at once afterwards', async () => {
  const { store, loads } = cachedStore()
  await store.load(cookie)
  const second = await store.load(cookie)
  assert.equal(loads(), 2)
  const third = store.load(cookie)
  assert.ok(!(third instanceof Promise))
  assert.deepEqual(third, second)
  assert.equal(loads(), 2)
})

test('sessions that come once take none of the place of those that come again', async () => {
  const { store, loads } = cachedStore()
  await show(store, cookie)
  for (let count = 0; count < 10_000; count += 1) {
    await store.load(shows({ [name]: [`once-${count}`] }))
  }
  const before = loads()
  await store.load(cookie)
  assert.equal(loads(), before)
})

test('SEC-30: looks again after the time within which others may have ended the session', async () => {
  const { store, behind, clock } = cachedStore()
  await show(store, cookie)
  await behind.remove(cookie)
  clock.advance(899)
  assert.equal((await store.load(cookie)).state, 'found')
  clock.advance(1)
  assert.equal((await store.load(cookie)).state, 'none')
})

test('SEC-29: keeps nothing beyond the absolute end of the session', async () => {
  const clock = fakeClock()
  const session = someSession({ expiresAt: clock.now() + 100 })
  const { store, clock: time, loads } = cachedStore({ state: 'found', session })
  await show(store, cookie)
  time.advance(99)
  await store.load(cookie)
  assert.equal(loads(), 2)
  time.advance(1)
  await store.load(cookie)
  assert.equal(loads(), 3)
})

test('forgets at once what this process ends, replaces or creates anew', async () => {
  const { store } = cachedStore()
  await show(store, cookie)
  await store.replace(someSession({ refreshedAt: 7 }), cookie, someSession())
  const replaced = await store.load(cookie)
  assert.equal('session' in replaced && replaced.session.refreshedAt, 7)
  await store.load(cookie)
  await store.create(someSession({ id: 'new' }), cookie)
  const created = await store.load(cookie)
  assert.equal('session' in created && created.session.id, 'new')
  await store.remove(cookie)
  assert.equal((await store.load(cookie)).state, 'none')
})

test('keeps nothing that was read while the session changed', async () => {
  const { store, behind } = cachedStore()
  await store.load(cookie)
  const reading = store.load(cookie)
  await store.remove(cookie)
  await reading
  assert.equal(behind.held().state, 'none')
  assert.equal((await store.load(cookie)).state, 'none')
})

test('keeps no failure and no absence', async () => {
  const { store, behind, loads } = cachedStore({ state: 'invalid' })
  await store.load(cookie)
  await store.load(cookie)
  assert.equal(loads(), 2)
  behind.fail(new Error('away'))
  await assert.rejects(async () => store.load(cookie))
  behind.heal()
  assert.equal((await store.load(cookie)).state, 'invalid')
})

test('SEC-32: caches nothing for a request that shows several values', async () => {
  const { store, loads } = cachedStore()
  for (const context of [
    shows({ [name]: ['planted', 'sealed'] }),
    shows({ [name]: ['sealed'], [`${name}_0`]: ['0123456789abcdef.0123456789abcdef'] }),
    shows({ other: ['x'] }),
  ]) {
    const before = loads()
    await store.load(context)
    await store.load(context)
    assert.equal(loads(), before + 2)
  }
  await store.load(shows({ [name]: ['planted'] }))
  assert.equal(loads(), 7, 'and a planted value alone opens nothing that was cached')
})

test('asks nobody about a request without cookies', async () => {
  const { store, loads } = cachedStore()
  assert.deepEqual(await store.load(shows({})), { state: 'none' })
  assert.equal(loads(), 0)
})

test('a session in parts is cached by its whole value', async () => {
  const { store, loads } = cachedStore()
  const value = `${'v'.repeat(40)}0123456789abcdef`
  const parts = shows({
    [`${name}_0`]: [`0123456789abcdef.${value.slice(0, 30)}`],
    [`${name}_1`]: [`0123456789abcdef.${value.slice(30)}`],
  })
  await show(store, parts)
  await store.load(parts)
  assert.equal(loads(), 2)
  await store.load(
    shows({ ...Object.fromEntries(parts.cookies), [`${name}_1`]: ['0123456789abcdef.x'] }),
  )
  assert.equal(loads(), 3)
})

test('forgets everything when the cookie secrets change, also what was being read', async () => {
  let secrets = ['a']
  const { store, loads } = cachedStore(undefined, () => secrets)
  await show(store, cookie)
  await store.load(cookie)
  assert.equal(loads(), 2)
  secrets = ['b']
  const reading = store.load(cookie)
  assert.equal(loads(), 3)
  secrets = ['c']
  await reading
  await store.load(cookie)
  assert.equal(loads(), 4)
  await store.load(cookie)
  assert.equal(loads(), 4)
})

test('while changes are heard a session is used for longer, but not for ever', async () => {
  const { store, clock, changes, loads } = cachedStore()
  changes.began(clock.now() + 1e6)
  await show(store, cookie)
  clock.advance(59_999)
  assert.ok(!(store.load(cookie) instanceof Promise))
  clock.advance(1)
  await store.load(cookie)
  assert.equal(loads(), 3)
})

test('SEC-30: a change that is heard ends the copy at once, that of another session does not', async () => {
  const { store, behind, clock, changes, loads } = cachedStore()
  changes.began(clock.now() + 1e6)
  await show(store, cookie)
  changes.changed('key-of-another')
  await store.load(cookie)
  assert.equal(loads(), 2)
  await behind.remove(cookie)
  changes.changed('key-of-sealed')
  assert.equal((await store.load(cookie)).state, 'none')
})

test('SEC-30: once changes are no longer heard, only what was read just now is used', async () => {
  const { store, clock, changes, loads } = cachedStore()
  changes.began(clock.now() + 1000)
  await show(store, cookie)
  clock.advance(900)
  await store.load(cookie)
  assert.equal(loads(), 2, 'heard of')
  clock.advance(100)
  await store.load(cookie)
  assert.equal(loads(), 3, 'no longer')
  clock.advance(899)
  await store.load(cookie)
  assert.equal(loads(), 3, 'but read again just now')
  changes.began(clock.now() + 1000)
  clock.advance(1)
  await store.load(cookie)
  assert.equal(loads(), 4, 'and read before the changes were heard again')
  clock.advance(950)
  await store.load(cookie)
  assert.equal(loads(), 4)
})

test('keeps nothing that was read while somebody else changed it', async () => {
  const { store, behind, clock, changes } = cachedStore()
  changes.began(clock.now() + 1e6)
  await store.load(cookie)
  const reading = store.load(cookie)
  await behind.remove(cookie)
  changes.changed('key-of-sealed')
  assert.equal((await reading).state, 'found')
  assert.equal((await store.load(cookie)).state, 'none')
})

test('the age of a copy counts from the question, not from the answer', async () => {
  const { store, clock, loads } = cachedStore()
  await store.load(cookie)
  const reading = store.load(cookie)
  clock.advance(900)
  await reading
  await store.load(cookie)
  assert.equal(loads(), 3)
})

const away = new Unavailable('store', 'redis get: not connected')
const isUnavailable = (error: unknown) => error === away

test('SEC-48: without a grace nothing passes while the store is away', async () => {
  const { store, behind, clock } = cachedStore()
  await show(store, cookie)
  behind.fail(away)
  clock.advance(900)
  await assert.rejects(async () => store.load(cookie), isUnavailable)
})

test('with a grace what was known passes for that much longer, and is said once', async () => {
  const { store, behind, clock, log } = cachedStore(undefined, undefined, 30_000)
  await show(store, cookie)
  behind.fail(away)
  clock.advance(900)
  assert.equal((await store.load(cookie)).state, 'found')
  clock.advance(60_000 + 30_000 - 901)
  assert.equal((await store.load(cookie)).state, 'found')
  clock.advance(1)
  await assert.rejects(async () => store.load(cookie), isUnavailable)
  assert.deepEqual(log.lines, [
    { level: 'warn', event: 'sessions pass without the store', fields: { cause: away.message } },
  ])
})

test('the grace is for what was known, and not beyond the session', async () => {
  const session = someSession({ expiresAt: fakeClock().now() + 10_000 })
  const { store, behind, clock } = cachedStore({ state: 'found', session }, undefined, 30_000)
  await show(store, cookie)
  behind.fail(away)
  await assert.rejects(async () => store.load(shows({ [name]: ['another'] })), isUnavailable)
  await assert.rejects(
    async () => store.load(shows({ [name]: [`x${'s'.repeat(40)}`] })),
    isUnavailable,
  )
  clock.advance(9_999)
  assert.equal((await store.load(cookie)).state, 'found')
  clock.advance(1)
  await assert.rejects(async () => store.load(cookie), isUnavailable)
})

test('the grace is not for a session that is known to have changed, ended or been signed out', async () => {
  const ends: readonly ((site: ReturnType<typeof cachedStore>) => Promise<unknown>)[] = [
    async ({ changes }) => {
      changes.changed('key-of-sealed')
    },
    async ({ store, behind, clock }) => {
      await behind.remove(cookie)
      clock.advance(900)
      assert.equal((await store.load(cookie)).state, 'none')
    },
    async ({ store, behind }) => {
      behind.fail(away)
      await assert.rejects(store.remove(cookie), isUnavailable)
    },
  ]
  for (const end of ends) {
    const site = cachedStore(undefined, undefined, 30_000)
    await show(site.store, cookie)
    await end(site)
    site.behind.fail(away)
    site.clock.advance(900)
    await assert.rejects(async () => site.store.load(cookie), isUnavailable)
  }
})

test('a mistake of ours is no reason for grace', async () => {
  const { store, behind, clock } = cachedStore(undefined, undefined, 30_000)
  await show(store, cookie)
  behind.fail(new TypeError('a mistake'))
  clock.advance(900)
  await assert.rejects(async () => store.load(cookie), TypeError)
})
