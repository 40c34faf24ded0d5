import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session } from '../../src/core/session.ts'
import type { SessionCard, SessionDirectory, SessionSelector } from '../../src/session/directory.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { fakeClock, type FakeClock } from '../support/clock.ts'
import { someSession } from '../support/sessions.ts'
import type { OpenStore, StoreKind } from './session-store.contract.ts'

const hourMs = 3_600_000

/** What every store that keeps sessions itself tells of them. */
export function sessionDirectoryContract(kind: StoreKind): void {
  function holds(title: string, run: (open: OpenStore, clock: FakeClock) => Promise<void>): void {
    test(`${kind.name} directory: ${title}`, async (t) => {
      const clock = fakeClock()
      const open = await kind.prepare(t, clock)
      if (open) await run(open, clock)
    })
  }

  holds('tells whose sessions there are, since when, and from where', async (open, clock) => {
    const store = await open()
    const session = someSession({ expiresAt: clock.now() + hourMs })
    await signIn(store, session)
    const { id, identity, providerSid, browser, createdAt, expiresAt } = session
    const { user, email, preferredUsername } = identity
    const card = { id, user, email, preferredUsername, providerSid, browser, createdAt, expiresAt }
    assert.deepEqual(await directoryOf(store).list({ by: 'all' }), [card])
  })

  holds('finds by id, person, e-mail in any case, and provider session', async (open) => {
    const store = await open()
    await signIn(store, sessionOf('alice', 'one'))
    await signIn(store, sessionOf('alice', 'two'))
    await signIn(store, sessionOf('bob', 'three'))
    const found = async (selector: SessionSelector) =>
      idsOf(await directoryOf(store).list(selector))
    assert.deepEqual(await found({ by: 'all' }), ['one', 'three', 'two'])
    assert.deepEqual(await found({ by: 'id', id: 'two' }), ['two'])
    assert.deepEqual(await found({ by: 'user', user: 'alice-sub' }), ['one', 'two'])
    assert.deepEqual(await found({ by: 'user', user: 'ALICE@example.com' }), ['one', 'two'])
    assert.deepEqual(await found({ by: 'sid', sid: 'sid-of-three' }), ['three'])
    for (const nobody of ['', 'carol', 'one', 'sid-of-one', 'Alice-sub']) {
      assert.deepEqual(await found({ by: 'user', user: nobody }), [], nobody)
      assert.deepEqual(await found({ by: 'sid', sid: nobody.toUpperCase() }), [])
    }
    assert.deepEqual(await found({ by: 'id', id: 'four' }), [])
  })

  holds('lists the newest sign-in first', async (open, clock) => {
    const store = await open()
    for (const id of ['first', 'second', 'third']) {
      await signIn(store, someSession({ id, createdAt: clock.now() }))
      clock.advance(1)
    }
    const cards = await directoryOf(store).list({ by: 'user', user: 'alice-sub' })
    assert.deepEqual(
      cards.map(({ id }) => id),
      ['third', 'second', 'first'],
    )
  })

  holds('SEC-30: what is revoked opens nothing any more, and only that', async (open) => {
    const store = await open()
    const alice = await signIn(store, sessionOf('alice', 'one'))
    const other = await signIn(store, sessionOf('alice', 'two'))
    const bob = await signIn(store, sessionOf('bob', 'three'))
    const replica = await open()
    assert.deepEqual(idsOf(await directoryOf(store).revoke({ by: 'id', id: 'one' })), ['one'])
    assert.equal((await replica.load(alice.request())).state, 'invalid')
    assert.equal((await replica.load(other.request())).state, 'found')
    assert.deepEqual(await directoryOf(store).revoke({ by: 'id', id: 'one' }), [], 'once')
    const ofAlice = { by: 'user', user: 'alice@example.com' } as const
    assert.deepEqual(idsOf(await directoryOf(store).revoke(ofAlice)), ['two'])
    assert.equal((await replica.load(bob.request())).state, 'found')
    assert.deepEqual(idsOf(await directoryOf(store).revoke({ by: 'all' })), ['three'])
    assert.equal((await replica.reload(bob.request())).state, 'invalid')
    assert.deepEqual(await directoryOf(store).list({ by: 'all' }), [])
  })

  holds('a refresh does not bring a revoked session back', async (open) => {
    const store = await open()
    const session = someSession()
    const browser = await signIn(store, session)
    await directoryOf(store).revoke({ by: 'all' })
    assert.equal(await store.replace(session, browser.request(), session), undefined)
    assert.equal((await store.reload(browser.request())).state, 'invalid')
    assert.deepEqual(await directoryOf(store).list({ by: 'all' }), [])
  })

  holds('forgets who signs out, who signs in anew, and whose time is over', async (open, clock) => {
    const store = await open()
    const all = async () => idsOf(await directoryOf(store).list({ by: 'all' }))
    const browser = await signIn(store, sessionOf('alice', 'one'))
    browser.take(await store.create(sessionOf('alice', 'two'), browser.request()))
    assert.deepEqual(await all(), ['two'])
    await store.remove(browser.request())
    assert.deepEqual(await all(), [])
    await signIn(store, someSession({ id: 'short', expiresAt: clock.now() + hourMs }))
    assert.deepEqual(await all(), ['short'])
    clock.advance(hourMs)
    assert.deepEqual(await all(), [])
  })

  holds('a person of very many sessions keeps those that end last', async (open, clock) => {
    const store = await open()
    const first = await signIn(store, someSession({ id: 'first', expiresAt: clock.now() + 1_000 }))
    for (let count = 0; count < 1_000; count += 1) {
      await signIn(store, someSession({ id: `${count}`, expiresAt: clock.now() + hourMs }))
    }
    const cards = await directoryOf(store).list({ by: 'user', user: 'alice-sub' })
    assert.equal(cards.length, 1_000)
    assert.ok(!idsOf(cards).includes('first'))
    assert.equal((await store.load(first.request())).state, 'invalid', 'unlisted is ended')
  })

  holds('finds what was listed under an older secret, and ends it', async (open) => {
    const [older, newer] = [new Secret('older secret'), new Secret('newer secret')]
    const before = await open({ cookie_secret: [older] })
    const browser = await signIn(before, sessionOf('alice', 'one'))
    const rotated = await open({ cookie_secret: [newer, older] })
    await signIn(rotated, sessionOf('alice', 'two'))
    const ofAlice = { by: 'user', user: 'alice-sub' } as const
    assert.deepEqual(idsOf(await directoryOf(rotated).list(ofAlice)), ['one', 'two'])
    assert.deepEqual(idsOf(await directoryOf(rotated).revoke(ofAlice)), ['one', 'two'])
    assert.equal((await rotated.load(browser.request())).state, 'invalid')
    const stranger = await open({ cookie_secret: [new Secret('another secret')] })
    await signIn(rotated, sessionOf('alice', 'three'))
    assert.deepEqual(await directoryOf(stranger).list({ by: 'all' }), [])
  })

  holds('SEC-11: knows nothing of sessions under another cookie name', async (open) => {
    const store = await open()
    const other = await open({ cookie_name: 'other' })
    await signIn(store, sessionOf('alice', 'one'))
    assert.deepEqual(await directoryOf(other).list({ by: 'all' }), [])
    assert.deepEqual(await directoryOf(other).revoke({ by: 'id', id: 'one' }), [])
    assert.equal((await directoryOf(store).list({ by: 'all' })).length, 1)
  })
}

function sessionOf(name: string, id: string): Session {
  const identity = {
    user: `${name}-sub`,
    email: `${name}@example.com`,
    groups: [],
    preferredUsername: name,
  }
  return someSession({ id, identity, providerSid: `sid-of-${id}` })
}

async function signIn(store: SessionStore, session: Session) {
  const browser = createBrowserCookies()
  browser.take(await store.create(session, browser.request()))
  return browser
}

function directoryOf({ directory }: SessionStore): SessionDirectory {
  assert.ok(directory)
  return directory
}

function idsOf(cards: readonly SessionCard[]): readonly string[] {
  return cards.map(({ id }) => id).sort()
}
