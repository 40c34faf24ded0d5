import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createActivity } from '../../../src/auth/activity.ts'
import type { SetCookie } from '../../../src/core/cookie.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import type { Session } from '../../../src/core/session.ts'
import { createBackground } from '../../../src/lib/background.ts'
import { fakeClock } from '../../support/clock.ts'
import { oneSessionStore, recordedLog, someRequest, someSession } from '../../support/sessions.ts'

const context = { cookies: new Map(), host: 'app.example.com' }
const minute = 60_000
const renewed: SetCookie = { name: 'n', value: 'v', path: '/', httpOnly: true, secure: true }

interface Setup {
  readonly timeout?: number
  readonly navigationOnly?: boolean
  /** As a store whose sessions are sealed in their cookies. */
  readonly isSealed?: boolean
}

/** Ten minutes of being away are allowed, if nothing else is said. */
function activityWith({ timeout = 10 * minute, navigationOnly = false, isSealed }: Setup = {}) {
  const clock = fakeClock()
  const session = someSession()
  const store = oneSessionStore({ state: 'found', session })
  const touches: number[] = []
  const sessions = {
    ...store,
    touch(of: Session, _context: object, activeAt: number) {
      touches.push(activeAt - session.activeAt)
      return isSealed ? [renewed] : store.touch(of, context, activeAt)
    },
  }
  const ended: string[] = []
  const background = createBackground((error) => assert.fail(String(error)))
  const activity = createActivity({
    options: { session_idle_timeout: timeout, session_idle_navigation_only: navigationOnly },
    sessions,
    clock,
    log: recordedLog(),
    record: { idleEnded: ({ id }) => ended.push(id) },
    background,
  })
  return {
    ...activity,
    clock,
    session,
    store,
    touches,
    ended,
    background,
    held: () => {
      const loaded = store.held()
      return loaded.state === 'found' ? loaded.session : undefined
    },
  }
}

test('a session whose person was away too long ends', async () => {
  const { presence, clock, session, ended, held } = activityWith()
  clock.advance(10 * minute - 1)
  assert.equal(presence(session, context), undefined, 'at once')
  clock.advance(1)
  const found = await presence(session, context)
  assert.equal(found?.kind, 'away')
  assert.equal('cookies' in found && found.cookies[0]?.value, '')
  assert.equal(held(), undefined)
  assert.deepEqual(ended, ['session-1'])
})

test('without a timeout nobody is away, and nothing is written', () => {
  const { presence, note, clock, session, touches } = activityWith({ timeout: 0 })
  clock.advance(1000 * 24 * 60 * minute)
  assert.equal(presence(session, context), undefined)
  assert.deepEqual(note(session, context, someRequest()), [])
  assert.deepEqual(touches, [])
})

test('activity is written at most once per twentieth of the timeout', async () => {
  const { note, clock, session, touches, background, held } = activityWith()
  for (let second = 0; second < 90; second += 1) {
    note(held() ?? session, context, someRequest())
    await background.settled()
    clock.advance(1000)
  }
  assert.deepEqual(touches, [30_000, 60_000])
  const short = activityWith({ timeout: minute })
  short.clock.advance(2_999)
  short.note(short.session, context, someRequest())
  assert.deepEqual(short.touches, [])
  short.clock.advance(1)
  short.note(short.session, context, someRequest())
  assert.deepEqual(short.touches, [3_000])
})

test('a thousand checks while it is written write once', async () => {
  const { note, clock, session, touches, background } = activityWith()
  clock.advance(5 * minute)
  for (let count = 0; count < 1000; count += 1) note(session, context, someRequest())
  await background.settled()
  assert.deepEqual(touches, [5 * minute])
})

test('who was active is present, though the store does not know it yet', async () => {
  const { presence, note, clock, session, store, background, held } = activityWith()
  clock.advance(9 * minute)
  store.fail(new Unavailable('store', 'away'))
  note(session, context, someRequest())
  await background.settled()
  clock.advance(9 * minute)
  assert.equal(presence(session, context), undefined, 'nothing is asked of the store')
  store.heal()
  note(session, context, someRequest())
  await background.settled()
  clock.advance(9 * minute)
  assert.equal(presence(held() ?? session, context), undefined, 'and now the store knows')
})

test('activity that another replica wrote keeps the session', async () => {
  const { presence, clock, session, store, ended } = activityWith()
  clock.advance(9 * minute)
  await store.touch(session, context, clock.now())
  clock.advance(9 * minute)
  const found = await presence(session, context)
  assert.ok(found?.kind === 'present')
  assert.equal(found.session.activeAt, session.activeAt + 9 * minute)
  assert.deepEqual(ended, [])
})

test('an outage of the store ends nobody', async () => {
  const { presence, clock, session, store, held, ended } = activityWith()
  clock.advance(10 * minute)
  store.fail(new Unavailable('store', 'away'))
  await assert.rejects(async () => presence(session, context), Unavailable)
  assert.ok(held())
  assert.deepEqual(ended, [])
})

test('a session that someone else ended in the meantime is over', async () => {
  const { presence, clock, session, store, ended } = activityWith()
  clock.advance(10 * minute)
  await store.remove(context)
  assert.deepEqual(await presence(session, context), { kind: 'away', cookies: [] })
  assert.deepEqual(ended, [])
})

test('what a page asks for by itself counts, unless only navigations do', () => {
  const inBackground = someRequest({ isBackground: true })
  for (const [navigationOnly, request, counts] of [
    [false, inBackground, true],
    [true, inBackground, false],
    [true, someRequest(), true],
  ] as const) {
    const { note, clock, session, touches } = activityWith({ navigationOnly })
    clock.advance(5 * minute)
    note(session, context, request)
    assert.equal(touches.length > 0, counts)
  }
})

test('with a sealed session the answer says so, and to all who show the old cookie the same', () => {
  const { note, presence, clock, session, touches } = activityWith({ isSealed: true })
  clock.advance(5 * minute)
  for (let count = 0; count < 3; count += 1) {
    assert.deepEqual(note(session, context, someRequest()), [renewed])
    clock.advance(9_999)
  }
  assert.deepEqual(touches, [5 * minute])
  clock.advance(9 * minute)
  assert.equal(presence(session, context), undefined, 'the old cookie stays valid meanwhile')
})
