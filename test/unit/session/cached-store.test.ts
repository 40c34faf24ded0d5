import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCachedStore } from '../../../src/session/cached-store.ts'
import type { CookieContext, LoadedSession, SessionStore } from '../../../src/session/store.ts'
import { fakeClock } from '../../support/clock.ts'
import { oneSessionStore, someSession } from '../../support/sessions.ts'

const name = '_oauth2_proxy'
const shows = (cookies: Record<string, string[]>): CookieContext => ({
  cookies: new Map(Object.entries(cookies)),
  host: 'app.example.com',
})
const cookie = shows({ [name]: ['sealed'] })

function cachedStore(
  loaded: LoadedSession = { state: 'found', session: someSession() },
  cookieSecrets = (): unknown => undefined,
) {
  const clock = fakeClock()
  const behind = oneSessionStore(loaded)
  let loads = 0
  const store = createCachedStore(
    {
      ...behind,
      load(context) {
        loads += 1
        return behind.load(context)
      },
    },
    { cookieName: name, clock, trustMs: 900, limitBytes: 1_000_000, cookieSecrets },
  )
  return { store, behind, clock, loads: () => loads }
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
