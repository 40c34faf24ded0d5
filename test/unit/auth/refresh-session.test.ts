import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRefreshSession } from '../../../src/auth/refresh-session.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import type { Session } from '../../../src/core/session.ts'
import type { RefreshResult } from '../../../src/oidc/client.ts'
import { fakeClock } from '../../support/clock.ts'
import { oneSessionStore, recordedLog, someSession } from '../../support/sessions.ts'

const context = { cookies: new Map(), host: 'app.example.com' }
const minute = 60_000

/** A provider that gives new tokens at each call, counted. */
function refreshWith(session: Session, answer?: () => Promise<RefreshResult>) {
  const clock = fakeClock()
  const sessions = oneSessionStore({ state: 'found', session })
  const results: string[] = []
  let calls = 0
  const refresh = createRefreshSession({
    options: { cookie_refresh: 10 * minute },
    sessions,
    oidc: {
      refresh() {
        calls += 1
        return answer?.() ?? Promise.resolve(freshTokens(calls))
      },
    },
    clock,
    log: recordedLog(),
    record: { refresh: (_session, result) => results.push(result) },
  })
  return {
    clock,
    sessions,
    results,
    calls: () => calls,
    refresh: (of: Session = session) => refresh(of, context),
  }
}

function freshTokens(call: number): RefreshResult {
  return {
    ok: true,
    tokens: { accessToken: `access-r${call}`, idToken: '', refreshToken: `refresh-r${call}` },
    tokenExpiresAt: 0,
  }
}

const away = () => Promise.reject(new Unavailable('provider', 'timeout'))
const rejected = () =>
  Promise.resolve({ ok: false, reason: 'rejected', detail: 'invalid_grant' } as const)

test('leaves a session alone until cookie_refresh has passed', async () => {
  const { refresh, clock, calls } = refreshWith(someSession())
  clock.advance(10 * minute - 1)
  assert.deepEqual(await refresh(), { kind: 'current' })
  assert.equal(calls(), 0)
})

test('fetches new tokens when due, keeps id, identity and absolute end', async () => {
  const session = someSession({ expiresAt: Date.UTC(2027, 0, 1) })
  const { refresh, clock, sessions } = refreshWith(session)
  clock.advance(10 * minute)
  const outcome = await refresh()
  assert.equal(outcome.kind, 'refreshed')
  const expected = {
    ...session,
    tokens: { accessToken: 'access-r1', idToken: '', refreshToken: 'refresh-r1' },
    generation: 1,
    refreshedAt: clock.now(),
  }
  assert.deepEqual('session' in outcome && outcome.session, expected)
  assert.deepEqual(sessions.held(), { state: 'found', session: expected })
})

test('refreshes early when the access token is over', async () => {
  const clock = fakeClock()
  const { refresh, calls } = refreshWith(someSession({ tokenExpiresAt: clock.now() }))
  assert.equal((await refresh()).kind, 'refreshed')
  assert.equal(calls(), 1)
})

test('asks the provider once for a hundred checks, those with the old cookie included', async () => {
  const { refresh, clock, calls, sessions } = refreshWith(someSession())
  clock.advance(10 * minute)
  const outcomes = await Promise.all(Array.from({ length: 100 }, async () => refresh()))
  clock.advance(1000)
  outcomes.push(await refresh())
  assert.equal(calls(), 1)
  const held = sessions.held()
  for (const outcome of outcomes) {
    assert.equal(outcome.kind, 'refreshed')
    assert.deepEqual('session' in outcome && outcome.session, 'session' in held && held.session)
  }
})

test('takes the identity of a new ID token over', async () => {
  const identity = {
    user: 'alice-sub',
    email: 'new@example.com',
    groups: [],
    preferredUsername: '',
  }
  const { refresh, clock } = refreshWith(someSession(), () =>
    Promise.resolve({ ...freshTokens(1), identity } as RefreshResult),
  )
  clock.advance(10 * minute)
  const outcome = await refresh()
  assert.deepEqual('session' in outcome && outcome.session.identity, identity)
})

test('a refused refresh ends the session', async () => {
  const { refresh, clock, sessions, results } = refreshWith(someSession(), rejected)
  clock.advance(10 * minute)
  const outcome = await refresh()
  assert.deepEqual(
    [outcome.kind, 'reason' in outcome && outcome.reason],
    ['ended', 'refresh-rejected'],
  )
  assert.deepEqual(sessions.held(), { state: 'none' })
  assert.deepEqual(results, ['rejected'])
})

test('a refusal because another replica was faster takes the result of that one', async () => {
  const old = someSession()
  const newer = someSession({ refreshedAt: old.refreshedAt + 1 })
  const { refresh, clock, sessions } = refreshWith(old, async () => {
    await sessions.replace(newer, context, old)
    return rejected()
  })
  clock.advance(10 * minute)
  assert.deepEqual(await refresh(), { kind: 'refreshed', session: newer, cookies: [] })
  assert.deepEqual(sessions.held(), { state: 'found', session: newer })
})

test('waits for the replica whose turn it is, and takes its result', async () => {
  const old = someSession()
  const newer = someSession({ refreshedAt: old.refreshedAt + 1 })
  const { refresh, clock, sessions, calls } = refreshWith(old)
  sessions.takeRefreshTurn = () => Promise.resolve(undefined)
  clock.advance(10 * minute)
  const outcome = refresh()
  await sessions.replace(newer, context, old)
  assert.deepEqual(await outcome, { kind: 'refreshed', session: newer, cookies: [] })
  assert.equal(calls(), 0)
})

test('a session that another replica ended or refreshed is not refreshed again', async () => {
  const session = someSession()
  for (const newest of [undefined, someSession({ refreshedAt: session.refreshedAt + 1 })]) {
    const { refresh, clock, sessions, calls } = refreshWith(session)
    sessions.takeRefreshTurn = async () => {
      await (newest ? sessions.replace(newest, context, session) : sessions.remove(context))
      return () => Promise.resolve()
    }
    clock.advance(10 * minute)
    assert.equal((await refresh()).kind, newest ? 'refreshed' : 'ended')
    assert.equal(calls(), 0)
  }
})

test('a replica that takes too long for its turn is an outage', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { refresh, sessions, calls } = refreshWith(someSession({ tokenExpiresAt: 1 }))
  sessions.takeRefreshTurn = () => Promise.resolve(undefined)
  const outcome = refresh()
  for (let lookout = 0; lookout < 51; lookout += 1) {
    await new Promise(setImmediate)
    t.mock.timers.tick(100)
  }
  assert.deepEqual(await outcome, { kind: 'unavailable', reason: 'provider-unavailable' })
  assert.equal(sessions.held().state, 'found')
  assert.equal(calls(), 0)
})

test('ends its turn however the refresh went', async () => {
  for (const answer of [undefined, away, rejected, () => Promise.reject(new TypeError('bug'))]) {
    const { refresh, clock, sessions } = refreshWith(someSession(), answer)
    let turns = 0
    sessions.takeRefreshTurn = () => {
      turns += 1
      return Promise.resolve(async () => {
        turns -= 1
      })
    }
    clock.advance(10 * minute)
    await Promise.resolve(refresh()).catch(() => undefined)
    assert.equal(turns, 0)
  }
})

test('SEC-49: an outage of the provider keeps the session while its token is good', async () => {
  const { refresh, clock, sessions, calls, results } = refreshWith(someSession(), away)
  clock.advance(10 * minute)
  assert.deepEqual(await refresh(), { kind: 'current' })
  assert.equal(sessions.held().state, 'found')
  await refresh()
  assert.equal(calls(), 1, 'not asked again at once')
  clock.advance(5000)
  await refresh()
  assert.equal(calls(), 2)
  assert.deepEqual(results, ['unavailable', 'unavailable'])
})

test('SEC-49: with the token over, an outage is unavailable and keeps the session', async () => {
  const clock = fakeClock()
  const { refresh, sessions } = refreshWith(someSession({ tokenExpiresAt: clock.now() }), away)
  assert.deepEqual(await refresh(), { kind: 'unavailable', reason: 'provider-unavailable' })
  assert.equal(sessions.held().state, 'found')
})

test('tokens that the store could not take are kept and written later, not fetched again', async () => {
  const session = someSession({ tokenExpiresAt: 1 })
  const { refresh, clock, sessions, calls } = refreshWith(session, () => {
    sessions.fail(new Unavailable('store', 'refused'))
    return Promise.resolve(freshTokens(1))
  })
  assert.deepEqual(await refresh(), { kind: 'unavailable', reason: 'store-unavailable' })
  sessions.heal()
  clock.advance(5000)
  assert.equal((await refresh()).kind, 'refreshed')
  assert.equal(calls(), 1)
})

test('without a refresh token a session lives as long as its access token', async () => {
  const clock = fakeClock()
  const tokens = { accessToken: 'a', idToken: 'i', refreshToken: '' }
  const good = someSession({ tokens, tokenExpiresAt: clock.now() + 60 * minute })
  const { refresh, clock: time, calls } = refreshWith(good)
  time.advance(30 * minute)
  assert.deepEqual(await refresh(), { kind: 'current' })
  time.advance(30 * minute)
  assert.deepEqual(await refresh(), { kind: 'ended', reason: 'token-expired', cookies: [] })
  assert.equal(calls(), 0)
})

test('with cookie_refresh = 0 tokens are never looked at', async () => {
  const refresh = createRefreshSession({
    options: { cookie_refresh: 0 },
    sessions: oneSessionStore({ state: 'none' }),
    oidc: { refresh: away },
    clock: fakeClock(),
    log: recordedLog(),
    record: { refresh: () => assert.fail() },
  })
  assert.deepEqual(await refresh(someSession({ tokenExpiresAt: 1 }), context), { kind: 'current' })
})

test('an error that is no outage is thrown on', async () => {
  const { refresh, clock } = refreshWith(someSession(), () => Promise.reject(new TypeError('bug')))
  clock.advance(10 * minute)
  await assert.rejects(async () => refresh(), TypeError)
})
