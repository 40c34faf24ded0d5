// What a hostile browser, or a hostile neighbour who plants cookies in it, can do to sessions.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Unavailable } from '../../src/core/errors.ts'
import { createSealer } from '../../src/lib/sealer.ts'
import { encodeSession } from '../../src/session/codec.ts'
import type { SessionBackend } from '../../src/session/stores/backend.ts'
import { createCookieStore } from '../../src/session/stores/cookie.ts'
import { createMemoryBackend } from '../../src/session/stores/memory.ts'
import { createTicketedStore } from '../../src/session/stores/ticketed.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { fakeClock } from '../support/clock.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog, someSession } from '../support/sessions.ts'

const name = '_oauth2_proxy'
const bigSession = someSession({
  tokens: {
    accessToken: randomBytes(6_000).toString('base64url'),
    idToken: randomBytes(3_000).toString('base64url'),
    refreshToken: '',
  },
})

function cookieStore() {
  return createCookieStore(sessionOptions(), fakeClock())
}

/** A memory store that counts its look-ups, and can be made to fail. */
function ticketedStore() {
  const clock = fakeClock()
  const memory = createMemoryBackend(clock)
  const state = { lookUps: 0, isDown: false }
  const guarded = <T>(operation: () => Promise<T>): Promise<T> =>
    state.isDown ? Promise.reject(new Unavailable('store', 'down')) : operation()
  const backend: SessionBackend = {
    ...memory,
    get(key) {
      state.lookUps += 1
      return guarded(() => memory.get(key))
    },
    set: (key, value, ttlMs) => guarded(() => memory.set(key, value, ttlMs)),
    replace: (...call) => guarded(() => memory.replace(...call)),
    delete: (key) => guarded(() => memory.delete(key)),
    ping: () => guarded(() => memory.ping()),
  }
  const log = recordedLog()
  return { store: createTicketedStore(sessionOptions(), { backend, clock, log }), state, log }
}

/** The kept cookies of a browser that is signed in with a session of several parts. */
async function bigCookies() {
  const browser = createBrowserCookies()
  browser.take(await cookieStore().create(bigSession, browser.request()))
  assert.ok(browser.kept.size > 2)
  return browser
}

test('SEC-28: a split session with any one bit changed is refused', async () => {
  const store = cookieStore()
  const { kept } = await bigCookies()
  const names = [...kept.keys()]
  const position = fc.tuple(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 0, max: 6 }))
  await fc.assert(
    fc.asyncProperty(position, async ([part, choice, bit]) => {
      const browser = createBrowserCookies()
      for (const [key, value] of kept) browser.kept.set(key, value)
      const value = Buffer.from(kept.get(part) ?? '')
      const index = choice % value.length
      value[index] = (value[index] ?? 0) ^ (1 << bit)
      browser.kept.set(part, value.toString('latin1'))
      assert.equal((await store.load(browser.request())).state, 'invalid')
    }),
  )
})

test('SEC-28: a split session truncated, reordered, spliced or short of a part is refused', async () => {
  const store = cookieStore()
  const [one, two] = [await bigCookies(), await bigCookies()]
  const names = [...one.kept.keys()]
  const valueOf = (browser: typeof one, part: string) => browser.kept.get(part) ?? ''
  const change = fc.record({
    part: fc.constantFrom(...names),
    other: fc.constantFrom(...names),
    cut: fc.nat({ max: 3_000 }),
    kind: fc.constantFrom('cut', 'swap', 'splice', 'drop', 'repeat'),
  })
  await fc.assert(
    fc.asyncProperty(change, async ({ part, other, cut, kind }) => {
      const browser = createBrowserCookies()
      for (const [key, value] of one.kept) browser.kept.set(key, value)
      const own = valueOf(one, part)
      switch (kind) {
        case 'cut':
          browser.kept.set(part, own.slice(0, own.length - 1 - (cut % own.length)))
          break
        case 'swap':
          fc.pre(part !== other)
          browser.kept.set(part, valueOf(one, other)).set(other, own)
          break
        case 'splice':
          browser.kept.set(part, own.slice(0, cut) + valueOf(two, part).slice(cut))
          fc.pre(browser.kept.get(part) !== own)
          break
        case 'drop':
          browser.kept.delete(part)
          break
        case 'repeat':
          browser.kept.set(part, own + own)
          break
      }
      assert.equal((await store.load(browser.request())).state, 'invalid')
    }),
  )
})

test('SEC-32: planted parts and wholes never lock a split session out', async () => {
  const store = cookieStore()
  const [own, foreign] = [await bigCookies(), await bigCookies()]
  const otherStore = createCookieStore(sessionOptions({ cookie_name: 'other' }), fakeClock())
  const stranger = createBrowserCookies()
  stranger.take(await otherStore.create(bigSession, stranger.request()))
  const planted = [
    `${name}_0=x`,
    `${name}_9=`,
    `${name}=`,
    `${name}=${'x'.repeat(3_000)}`,
    ...[...stranger.kept].map(([key, value]) => `${key.replace('other', name)}=${value}`),
    ...[...foreign.kept].slice(0, 2).map(([key, value]) => `${key}=${value}`),
  ]
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...planted), { maxLength: 12 }),
      fc.array(fc.constantFrom(...planted), { maxLength: 12 }),
      async (before, after) => {
        const request = own.request({ before: before.join('; '), after: after.join('; ') })
        assert.deepEqual(await store.load(request), { state: 'found', session: bigSession })
      },
    ),
  )
})

test('SEC-32: planted tickets of ended sessions do not lock the user out', async () => {
  const { store } = ticketedStore()
  const [victim, attacker] = [createBrowserCookies(), createBrowserCookies()]
  const ended = []
  for (let count = 0; count < 20; count += 1) {
    attacker.take(await store.create(someSession(), attacker.request()))
    ended.push(`${name}=${attacker.kept.get(name)}`)
    attacker.take(await store.remove(attacker.request()))
  }
  const session = someSession({ id: 'of-victim' })
  victim.take(await store.create(session, victim.request()))
  const request = victim.request({ before: ended.join('; '), after: ended.join('; ') })
  assert.deepEqual(await store.load(request), { state: 'found', session })
})

test('SEC-53: ten thousand made-up cookies cost no look-up, and valid ones still open', async () => {
  const { store, state, log } = ticketedStore()
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(), browser.request()))
  for (let count = 0; count < 10_000; count += 1) {
    const bogus = createBrowserCookies()
    bogus.kept.set(name, randomBytes(77).toString('base64url'))
    assert.equal((await store.load(bogus.request())).state, 'invalid')
  }
  assert.equal(state.lookUps, 0)
  assert.deepEqual(log.lines, [])
  assert.equal((await store.load(browser.request())).state, 'found')
})

test('SEC-53: one ticket shown many times is looked up once', async () => {
  const { store, state } = ticketedStore()
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(), browser.request()))
  const ticket = `${name}=${browser.kept.get(name)}`
  await store.remove(browser.request())
  const request = browser.request({ before: Array.from({ length: 100 }, () => ticket).join('; ') })
  state.lookUps = 0
  assert.equal((await store.load(request)).state, 'invalid')
  assert.equal(state.lookUps, 1)
})

test('SEC-14: a failing store ends nothing, deletes no cookie and lets nobody in', async () => {
  const { store, state } = ticketedStore()
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(), browser.request()))
  state.isDown = true
  const request = browser.request()
  const calls = [
    async () => store.load(request),
    () => store.create(someSession(), request),
    () => store.replace(someSession({ generation: 1 }), request, someSession()),
    () => store.remove(request),
    () => store.ping(),
  ]
  for (const call of calls) await assert.rejects(call, Unavailable)
  state.isDown = false
  assert.deepEqual(await store.load(request), { state: 'found', session: someSession() })
})

test('SEC-11: what was sealed for another purpose is no session', async () => {
  const store = cookieStore()
  for (const [purpose, state] of [
    ['session-cookie', 'found'],
    ['session-ticket', 'invalid'],
    ['login-state', 'invalid'],
  ] as const) {
    const sealer = createSealer(['a cookie secret of 32 bytes here'], purpose)
    const browser = createBrowserCookies()
    browser.kept.set(name, sealer.seal(encodeSession(someSession(), true), name))
    assert.equal((await store.load(browser.request())).state, state, purpose)
  }
})

test('SEC-50: a session of a format yet to come is refused, without a throw', async () => {
  const store = cookieStore()
  const sealer = createSealer(['a cookie secret of 32 bytes here'], 'session-cookie')
  const browser = createBrowserCookies()
  const bytes = encodeSession(someSession(), true)
  bytes[0] = 2
  browser.kept.set(name, sealer.seal(bytes, name))
  assert.equal((await store.load(browser.request())).state, 'invalid')
})

test('SEC-29: a clock that jumps back does not extend a session', async () => {
  const clock = fakeClock()
  const store = createCookieStore(sessionOptions(), clock)
  const browser = createBrowserCookies()
  const expiresAt = clock.now() + 3_600_000
  const session = someSession({ expiresAt })
  browser.take(await store.create(session, browser.request()))
  clock.advance(-60_000)
  const later = someSession({ expiresAt: expiresAt + 3_600_000 })
  browser.take((await store.replace(later, browser.request(), session)) ?? [])
  clock.advance(60_000 + 3_600_000)
  assert.equal((await store.load(browser.request())).state, 'invalid')
})
