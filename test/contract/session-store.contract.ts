import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test, type TestContext } from 'node:test'
import type { SetCookie } from '../../src/core/cookie.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { fakeClock, type FakeClock } from '../support/clock.ts'
import { someSession } from '../support/sessions.ts'

/** Opens stores over one and the same place, each ready and closed after the test. */
export type OpenStore = (changes?: Partial<SessionStoreOptions>) => Promise<SessionStore>

export interface StoreKind {
  readonly name: string
  /** Can a session be ended while its cookie lives on? */
  readonly isServerSide: boolean
  /** Undefined when the test was skipped because this machine lacks something. */
  prepare(t: TestContext, clock: FakeClock): Promise<OpenStore | undefined>
}

const hourMs = 3_600_000
const cookieName = '_oauth2_proxy'

/** The cookies of a write that must succeed. */
async function replaced(
  store: SessionStore,
  ...change: Parameters<SessionStore['replace']>
): Promise<readonly SetCookie[]> {
  const cookies = await store.replace(...change)
  assert.ok(cookies)
  return cookies
}

/** What every session store holds to, whatever it is made of. */
export function sessionStoreContract(kind: StoreKind): void {
  function holds(
    title: string,
    run: (open: OpenStore, clock: FakeClock, t: TestContext) => Promise<void>,
  ): void {
    test(`${kind.name}: ${title}`, async (t) => {
      const clock = fakeClock()
      const open = await kind.prepare(t, clock)
      if (open) await run(open, clock, t)
    })
  }

  const endsAt = (clock: FakeClock) => clock.now() + 8 * hourMs

  holds('answers a ping', async (open) => {
    const store = await open()
    await store.ping()
  })

  holds('finds nothing where no cookie of ours is', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const request = browser.request({ before: `other=x; ${cookieName}_csrf=y; ${cookieName}2=z` })
    assert.deepEqual(await store.load(request), { state: 'none' })
    assert.deepEqual(await store.remove(request), [])
  })

  holds('gives a created session back whole', async (open, clock) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession({
      identity: {
        user: 'ü',
        email: 'ada@example.com',
        groups: ['Größe', '日本'],
        preferredUsername: '',
      },
      expiresAt: endsAt(clock),
      tokenExpiresAt: clock.now() + 300_000,
    })
    browser.take(await store.create(session, browser.request()))
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session })
  })

  holds('keeps a session without an end until the browser closes', async (open, clock) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession({ expiresAt: 0 })
    const cookies = await store.create(session, browser.request())
    assert.deepEqual(
      cookies.map(({ maxAgeSeconds }) => maxAgeSeconds),
      [undefined],
    )
    browser.take(cookies)
    clock.advance(365 * 24 * hourMs)
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session })
  })

  holds('gives the cookie what is left of the session as its Max-Age', async (open, clock) => {
    const store = await open()
    const session = someSession({ expiresAt: endsAt(clock) })
    clock.advance(hourMs)
    const [cookie] = await store.create(session, createBrowserCookies().request())
    assert.equal(cookie?.maxAgeSeconds, (7 * hourMs) / 1000)
  })

  holds('SEC-29: a session ends at its own time, whatever the cookie says', async (open, clock) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession({ expiresAt: endsAt(clock) })
    browser.take(await store.create(session, browser.request()))
    clock.advance(8 * hourMs - 1)
    assert.equal((await store.load(browser.request())).state, 'found')
    clock.advance(1)
    assert.equal((await store.load(browser.request())).state, 'invalid')
  })

  holds('SEC-29: a refresh does not move the end of a session', async (open, clock) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession({ expiresAt: endsAt(clock) })
    browser.take(await store.create(session, browser.request()))
    clock.advance(7 * hourMs)
    const longer = { ...session, refreshedAt: clock.now(), expiresAt: clock.now() + 8 * hourMs }
    browser.take(await replaced(store, longer, browser.request(), session))
    const loaded = await store.load(browser.request())
    assert.deepEqual(loaded, {
      state: 'found',
      session: { ...longer, expiresAt: session.expiresAt },
    })
    clock.advance(hourMs)
    assert.equal((await store.load(browser.request())).state, 'invalid')
  })

  holds('SEC-29: refuses a session made more than five minutes ahead', async (open, clock) => {
    const store = await open()
    const aheadMs = [5 * 60_000, 5 * 60_000 + 1]
    const states = []
    for (const ahead of aheadMs) {
      const browser = createBrowserCookies()
      const session = someSession({ createdAt: clock.now() + ahead })
      browser.take(await store.create(session, browser.request()))
      states.push((await store.load(browser.request())).state)
    }
    assert.deepEqual(states, ['found', 'invalid'])
  })

  holds('replaces the tokens of a session', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const tokens = { accessToken: 'access-2', idToken: 'id-2', refreshToken: 'refresh-2' }
    const refreshed = { ...session, tokens, refreshedAt: session.refreshedAt + 1 }
    const cookies = await replaced(store, refreshed, browser.request(), session)
    assert.equal(cookies.length, kind.isServerSide ? 0 : 1)
    browser.take(cookies)
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session: refreshed })
  })

  holds('replaces only the session that the cookies open', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const other = someSession({ id: 'session-2' })
    assert.equal(await store.replace(other, browser.request(), other), undefined)
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session })
  })

  holds('deletes its cookies when a session is removed', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    browser.take(await store.create(someSession(), browser.request()))
    browser.take(await store.remove(browser.request()))
    assert.equal(browser.kept.size, 0)
    assert.deepEqual(await store.load(browser.request()), { state: 'none' })
  })

  holds('SEC-8: each sign-in has a cookie value of its own', async (open) => {
    const store = await open()
    const values = new Set<string | undefined>()
    const browser = createBrowserCookies()
    for (let count = 0; count < 3; count += 1) {
      browser.take(await store.create(someSession(), browser.request()))
      values.add(browser.kept.get(cookieName))
    }
    assert.equal(values.size, 3)
  })

  holds('SEC-11: a cookie of one name does not open under another', async (open) => {
    const store = await open()
    const other = await open({ cookie_name: 'other' })
    const browser = createBrowserCookies()
    browser.take(await store.create(someSession(), browser.request()))
    const request = browser.request({ after: `other=${browser.kept.get(cookieName)}` })
    assert.equal((await store.load(request)).state, 'found')
    assert.equal((await other.load(request)).state, 'invalid')
  })

  holds('SEC-28: refuses each cookie value with one character changed', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    browser.take(await store.create(someSession(), browser.request()))
    const value = browser.kept.get(cookieName) ?? ''
    assert.ok(value.length > 100)
    for (let index = 0; index < value.length; index += 1) {
      const changed = value[index] === 'A' ? 'B' : 'A'
      browser.kept.set(cookieName, value.slice(0, index) + changed + value.slice(index + 1))
      assert.equal((await store.load(browser.request())).state, 'invalid', `character ${index}`)
    }
  })

  holds('SEC-28: refuses values cut short, grown, made up or empty', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    browser.take(await store.create(someSession(), browser.request()))
    const value = browser.kept.get(cookieName) ?? ''
    const hostile = [
      '',
      value.slice(0, -1),
      value.slice(1),
      `${value}A`,
      `${value}=`,
      value + value,
      value.slice(0, 10),
      'v2.aaaa.bbbb',
      'x'.repeat(10_000),
      randomBytes(60).toString('base64url'),
    ]
    for (const made of hostile) {
      browser.kept.set(cookieName, made)
      assert.equal((await store.load(browser.request())).state, 'invalid', made)
      assert.equal(await store.replace(someSession(), browser.request(), someSession()), undefined)
    }
  })

  holds('SEC-32: finds the valid one of duplicate cookies in any order', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const planted = `${cookieName}=planted`
    const many = Array.from({ length: 40 }, (_, index) => `${planted}${index}`).join('; ')
    for (const extra of [{ before: planted }, { after: planted }, { before: many, after: many }]) {
      assert.deepEqual(await store.load(browser.request(extra)), { state: 'found', session })
    }
  })

  holds('SEC-32: planted parts do not hide a whole cookie', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const request = browser.request({ before: `${cookieName}_0=x; ${cookieName}_1=y` })
    assert.deepEqual(await store.load(request), { state: 'found', session })
    const erased = await store.remove(request)
    assert.deepEqual(
      erased.map(({ name, value, maxAgeSeconds }) => [name, value, maxAgeSeconds]),
      [cookieName, `${cookieName}_0`, `${cookieName}_1`].map((name) => [name, '', 0]),
    )
  })

  holds('opens what any of its secrets sealed, and seals with the first', async (open) => {
    const [older, newer] = [new Secret('older secret'), new Secret('newer secret')]
    const before = await open({ cookie_secret: [older] })
    const rotated = await open({ cookie_secret: [newer, older] })
    const after = await open({ cookie_secret: [newer] })
    const [early, late] = [createBrowserCookies(), createBrowserCookies()]
    early.take(await before.create(someSession(), early.request()))
    late.take(await rotated.create(someSession(), late.request()))
    assert.equal((await rotated.load(early.request())).state, 'found')
    assert.equal((await after.load(early.request())).state, 'invalid')
    assert.equal((await rotated.load(late.request())).state, 'found')
    assert.equal((await after.load(late.request())).state, 'found')
  })

  holds('keeps a session with 20 kB of tokens', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const token = () => randomBytes(5_000).toString('base64url')
    const tokens = { accessToken: token(), idToken: token(), refreshToken: token() }
    const session = someSession({ tokens })
    browser.take(await store.create(session, browser.request()))
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session })
  })

  holds('keeps the sessions of two browsers apart', async (open) => {
    const store = await open()
    const [ada, bob] = [createBrowserCookies(), createBrowserCookies()]
    ada.take(await store.create(someSession({ id: 'of-ada' }), ada.request()))
    bob.take(await store.create(someSession({ id: 'of-bob' }), bob.request()))
    await store.remove(ada.request())
    const loaded = await store.load(bob.request())
    assert.equal(loaded.state === 'found' && loaded.session.id, 'of-bob')
  })

  holds('notes when the person was active, through a refresh too', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const activeAt = session.activeAt + 60_000
    const cookies = await store.touch(session, browser.request(), activeAt)
    assert.equal(cookies.length, kind.isServerSide ? 0 : 1)
    browser.take(cookies)
    const active = { ...session, activeAt }
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session: active })
    const other = someSession({ id: 'session-2' })
    assert.deepEqual(await store.touch(other, browser.request(), activeAt + 1), [])
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session: active })
    if (!kind.isServerSide) return
    const refreshed = { ...session, generation: 1, refreshedAt: session.refreshedAt + 1 }
    await store.replace(refreshed, browser.request(), session)
    await store.touch(session, browser.request(), activeAt - 1)
    const both = { ...refreshed, activeAt }
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session: both })
  })

  holds('ends a session only if it is still as the caller means it', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    assert.equal(await store.endIf(({ id }) => id === 'session-2', browser.request()), undefined)
    assert.equal((await store.load(browser.request())).state, 'found')
    const cookies = await store.endIf(({ id }) => id === session.id, browser.request())
    assert.ok(cookies)
    if (kind.isServerSide) assert.equal((await store.load(browser.request())).state, 'invalid')
    browser.take(cookies)
    assert.equal(browser.kept.size, 0)
    assert.equal(await store.endIf(() => true, browser.request()), undefined)
  })

  if (!kind.isServerSide) return

  holds('refreshes and notes of activity at once lose nothing of each other', async (open) => {
    const [store, replica] = [await open(), await open()]
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const refreshed = { ...session, generation: 1, refreshedAt: session.refreshedAt + 1 }
    const activeAt = session.activeAt + 60_000
    await Promise.all([
      store.replace(refreshed, browser.request(), session),
      replica.touch(session, browser.request(), activeAt),
      store.touch(session, browser.request(), activeAt - 1),
    ])
    assert.deepEqual(await store.reload(browser.request()), {
      state: 'found',
      session: { ...refreshed, activeAt },
    })
  })

  holds('SEC-8: a sign-in ends the session whose cookie it came with', async (open) => {
    const store = await open()
    const [victim, attacker] = [createBrowserCookies(), createBrowserCookies()]
    attacker.take(await store.create(someSession(), attacker.request()))
    victim.kept.set(cookieName, attacker.kept.get(cookieName) ?? '')
    const session = someSession({ id: 'of-victim' })
    victim.take(await store.create(session, victim.request()))
    assert.equal((await store.load(attacker.request())).state, 'invalid')
    assert.deepEqual(await store.load(victim.request()), { state: 'found', session })
  })

  holds('SEC-30: a copied cookie is dead after sign-out', async (open) => {
    const store = await open()
    const replica = await open()
    const browser = createBrowserCookies()
    browser.take(await store.create(someSession(), browser.request()))
    const copied = browser.request()
    await store.remove(browser.request())
    assert.equal((await replica.load(copied)).state, 'invalid')
  })

  holds('SEC-30: signs out every session that the request shows', async (open) => {
    const store = await open()
    const [one, two] = [createBrowserCookies(), createBrowserCookies()]
    one.take(await store.create(someSession({ id: 'one' }), one.request()))
    two.take(await store.create(someSession({ id: 'two' }), two.request()))
    const twice = `${cookieName}=${two.kept.get(cookieName)}`
    await store.remove(one.request({ before: twice, after: twice }))
    assert.equal((await store.load(one.request())).state, 'invalid')
    assert.equal((await store.load(two.request())).state, 'invalid')
  })

  holds('does not bring back a session that ended during its refresh', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    await store.remove(browser.request())
    const refreshed = { ...session, generation: 1 }
    assert.equal(await store.replace(refreshed, browser.request(), session), undefined)
    assert.equal((await store.load(browser.request())).state, 'invalid')
  })

  holds('a late writer does not write over a newer session', async (open) => {
    const [store, replica] = [await open(), await open()]
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const newer = { ...session, generation: 1, refreshedAt: session.refreshedAt + 2 }
    const late = { ...session, generation: 1, refreshedAt: session.refreshedAt + 1 }
    assert.deepEqual(await store.replace(newer, browser.request(), session), [])
    assert.equal(await replica.replace(late, browser.request(), session), undefined)
    assert.deepEqual(await store.reload(browser.request()), { state: 'found', session: newer })
  })

  holds('of two who write at once one is told that it was too late', async (open) => {
    const [store, replica] = [await open(), await open()]
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const results = await Promise.all(
      [store, replica, store, replica].map((writer, index) => {
        const refreshed = { ...session, generation: 1, refreshedAt: session.refreshedAt + index }
        return writer.replace(refreshed, browser.request(), session)
      }),
    )
    assert.equal(results.filter((cookies) => cookies !== undefined).length, 1)
  })

  holds('writing the same session again is no conflict', async (open) => {
    const store = await open()
    const browser = createBrowserCookies()
    const session = someSession()
    browser.take(await store.create(session, browser.request()))
    const refreshed = { ...session, generation: 1 }
    for (let count = 0; count < 2; count += 1) {
      assert.deepEqual(await store.replace(refreshed, browser.request(), session), [])
    }
  })

  holds('keeps a ticket under a thousand characters, however big the session', async (open) => {
    const store = await open()
    const accessToken = randomBytes(60_000).toString('base64url')
    const session = someSession({ tokens: { accessToken, idToken: '', refreshToken: '' } })
    const cookies = await store.create(session, createBrowserCookies().request())
    assert.equal(cookies.length, 1)
    assert.ok((cookies[0]?.value.length ?? Infinity) < 1_000)
  })
}
