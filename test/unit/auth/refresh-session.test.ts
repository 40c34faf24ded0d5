import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRefreshSession, type RefreshOutcome } from '../../../src/auth/refresh-session.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import type { Session } from '../../../src/core/session.ts'
import { createBackground } from '../../../src/lib/background.ts'
import type { RefreshResult } from '../../../src/oidc/client.ts'
import { fakeClock } from '../../support/clock.ts'
import { oneSessionStore, recordedLog, someSession } from '../../support/sessions.ts'

const context = { cookies: new Map(), host: 'app.example.com' }
const minute = 60_000
/** Longer than any pause after failures, and the jitter. */
const pauseMs = 6 * minute

const times = { access_token_refresh_before: minute, id_token_refresh_before: 0 }

/** Its access token is over: nobody passes before the refresh. */
const over = someSession({ tokenExpiresAt: 1 })

/** A provider that gives new tokens at each call, counted. */
function refreshWith(
  session: Session,
  answer?: () => Promise<RefreshResult>,
  isCookieRenewed = false,
) {
  const clock = fakeClock()
  const sessions = {
    ...oneSessionStore({ state: 'found', session }),
    isCookieRenewed,
    bringsCookie: () => isCookieRenewed,
  }
  const log = recordedLog()
  const errors: unknown[] = []
  const background = createBackground((error) => errors.push(error))
  const results: string[] = []
  let calls = 0
  const refresh = createRefreshSession({
    options: { ...times, cookie_refresh: 10 * minute },
    sessions,
    oidc: {
      refresh() {
        calls += 1
        return answer?.() ?? Promise.resolve(freshTokens(calls))
      },
    },
    clock,
    log,
    record: { refresh: (_session, result) => results.push(result) },
    background,
  })
  return {
    clock,
    sessions,
    log,
    errors,
    results,
    background,
    calls: () => calls,
    refresh: (of: Session = session) => refresh(of, context),
    /** Events of one level. */
    logged: (level: string) =>
      log.lines.filter((line) => line.level === level).map(({ event }) => event),
  }
}

function freshTokens(call: number): RefreshResult {
  return {
    ok: true,
    tokens: { accessToken: `access-r${call}`, idToken: '', refreshToken: `refresh-r${call}` },
    tokenExpiresAt: 0,
    idTokenExpiresAt: 0,
  }
}

function sessionIn(outcome: RefreshOutcome): Session | undefined {
  return 'session' in outcome ? outcome.session : undefined
}

const away = () => Promise.reject(new Unavailable('provider', 'timeout'))
const rejected = () =>
  Promise.resolve({ ok: false, reason: 'rejected', detail: 'invalid_grant' } as const)

test('leaves a session alone until cookie_refresh has passed', async () => {
  const { refresh, clock, calls } = refreshWith(someSession())
  clock.advance(10 * minute - 1)
  assert.deepEqual(refresh(), { kind: 'current' })
  assert.equal(calls(), 0)
})

test('fetches new tokens when due, keeps id, identity and absolute end', async () => {
  const session = someSession({ expiresAt: Date.UTC(2027, 0, 1) })
  const { refresh, clock, sessions, background } = refreshWith(session)
  clock.advance(10 * minute)
  assert.deepEqual(refresh(), { kind: 'current' }, 'nobody waits')
  await background.settled()
  const expected = {
    ...session,
    tokens: { accessToken: 'access-r1', idToken: '', refreshToken: 'refresh-r1' },
    generation: 1,
    refreshedAt: clock.now(),
  }
  assert.deepEqual(sessions.held(), { state: 'found', session: expected })
  assert.deepEqual(refresh(), { kind: 'refreshed', session: expected, cookies: [replaced] })
})

const replaced = {
  name: '_oauth2_proxy',
  value: 'replaced',
  path: '/',
  httpOnly: true,
  secure: true,
}

test('waits for new tokens when the access token is over', async () => {
  const { refresh, calls } = refreshWith(over)
  assert.equal((await refresh()).kind, 'refreshed')
  assert.equal(calls(), 1)
})

test('asks the provider once for a hundred checks, those with the old cookie included', async () => {
  for (const session of [over, someSession()]) {
    const { refresh, clock, calls, sessions, background } = refreshWith(session)
    clock.advance(10 * minute)
    const outcomes = await Promise.all(Array.from({ length: 100 }, async () => refresh()))
    await background.settled()
    clock.advance(1000)
    outcomes.push(await refresh())
    assert.equal(calls(), 1)
    const held = sessions.held()
    const mustWait = session === over
    for (const outcome of mustWait ? outcomes : outcomes.slice(-1)) {
      assert.deepEqual(sessionIn(outcome), 'session' in held && held.session)
    }
  }
})

test('with a sealed cookie one check carries the new one, the others do not wait', async () => {
  const { refresh, clock, calls } = refreshWith(someSession(), undefined, true)
  clock.advance(10 * minute)
  const first = refresh()
  const others = [refresh(), refresh()]
  assert.deepEqual(others, [{ kind: 'pending' }, { kind: 'pending' }])
  const outcome = await first
  assert.deepEqual('cookies' in outcome && outcome.cookies, [replaced])
  clock.advance(5 * minute)
  assert.deepEqual(refresh(), outcome, 'who still shows the old cookie gets the new one')
  assert.equal(calls(), 1)
})

test('a ticket that a refresh seals anew is carried by the check that starts it', async () => {
  const { refresh, clock, sessions } = refreshWith(someSession())
  sessions.bringsCookie = () => true
  clock.advance(10 * minute)
  const first = refresh()
  assert.deepEqual(refresh(), { kind: 'current' })
  const outcome = await first
  assert.deepEqual('cookies' in outcome && outcome.cookies, [replaced])
})

test('a new cookie that never arrives does not spend the refresh token twice', async () => {
  let calls = 0
  const shortLived = (): Promise<RefreshResult> => {
    calls += 1
    const fresh = freshTokens(calls)
    return Promise.resolve({ ...fresh, tokenExpiresAt: clock.now() + minute } as RefreshResult)
  }
  const { refresh, clock } = refreshWith(someSession(), shortLived, true)
  clock.advance(10 * minute)
  const first = await refresh()
  assert.equal(sessionIn(first)?.generation, 1)
  clock.advance(2 * minute)
  const second = await refresh()
  assert.equal(sessionIn(second)?.generation, 2)
  assert.equal(calls, 2)
})

test('no check waits long for the cookie that it is to carry', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { promise, resolve } = Promise.withResolvers<RefreshResult>()
  const { refresh, clock, background } = refreshWith(someSession(), () => promise, true)
  clock.advance(10 * minute)
  const waiting = refresh()
  t.mock.timers.tick(1000)
  assert.deepEqual(await waiting, { kind: 'pending' })
  resolve(freshTokens(1))
  await background.settled()
  const later = await refresh()
  assert.deepEqual('cookies' in later && later.cookies, [replaced], 'a later one carries it')
})

test('takes the identity of a new ID token over', async () => {
  const identity = {
    user: 'alice-sub',
    email: 'new@example.com',
    groups: [],
    preferredUsername: '',
  }
  const { refresh } = refreshWith(over, () =>
    Promise.resolve({ ...freshTokens(1), identity } as RefreshResult),
  )
  assert.deepEqual(sessionIn(await refresh())?.identity, identity)
})

test('a refused refresh ends the session', async () => {
  const { refresh, sessions, results } = refreshWith(over, rejected)
  const outcome = await refresh()
  assert.deepEqual(
    [outcome.kind, 'reason' in outcome && outcome.reason],
    ['ended', 'refresh-rejected'],
  )
  assert.deepEqual(sessions.held(), { state: 'none' })
  assert.deepEqual(results, ['rejected'])
})

test('a refusal because another replica was faster takes the result of that one', async () => {
  const newer = someSession({ refreshedAt: over.refreshedAt + 1 })
  const { refresh, sessions } = refreshWith(over, async () => {
    await sessions.replace(newer, context, over)
    return rejected()
  })
  assert.deepEqual(await refresh(), { kind: 'refreshed', session: newer, cookies: [] })
  assert.deepEqual(sessions.held(), { state: 'found', session: newer })
})

test('an answer that comes after that of another replica is not written over it', async () => {
  const newer = someSession({ generation: 1, refreshedAt: over.refreshedAt + 1 })
  const { refresh, sessions, results } = refreshWith(over, async () => {
    await sessions.replace(newer, context, over)
    return freshTokens(1)
  })
  assert.deepEqual(await refresh(), { kind: 'refreshed', session: newer, cookies: [] })
  assert.deepEqual(sessions.held(), { state: 'found', session: newer })
  assert.deepEqual(results, [])
})

test('waits for the replica whose turn it is, and takes its result', async () => {
  const newer = someSession({ refreshedAt: over.refreshedAt + 1 })
  const { refresh, sessions, calls } = refreshWith(over)
  sessions.takeRefreshTurn = () => Promise.resolve(undefined)
  const outcome = refresh()
  await sessions.replace(newer, context, over)
  assert.deepEqual(await outcome, { kind: 'refreshed', session: newer, cookies: [] })
  assert.equal(calls(), 0)
})

test('takes over from a replica that died in its turn', async () => {
  const { refresh, sessions, calls } = refreshWith(over)
  let looks = 0
  sessions.takeRefreshTurn = () => {
    looks += 1
    return Promise.resolve(looks > 2 ? () => Promise.resolve() : undefined)
  }
  assert.equal((await refresh()).kind, 'refreshed')
  assert.equal(calls(), 1)
})

test('a session that another replica ended or refreshed is not refreshed again', async () => {
  for (const newest of [undefined, someSession({ refreshedAt: over.refreshedAt + 1 })]) {
    const { refresh, sessions, calls } = refreshWith(over)
    sessions.takeRefreshTurn = async () => {
      await (newest ? sessions.replace(newest, context, over) : sessions.remove(context))
      return () => Promise.resolve()
    }
    assert.equal((await refresh()).kind, newest ? 'refreshed' : 'ended')
    assert.equal(calls(), 0)
  }
})

test('a replica that takes too long for its turn is an outage', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { refresh, sessions, calls } = refreshWith(over)
  sessions.takeRefreshTurn = () => Promise.resolve(undefined)
  const outcome = refresh()
  for (let lookout = 0; lookout < 52; lookout += 1) {
    await new Promise(setImmediate)
    t.mock.timers.tick(100)
  }
  assert.deepEqual(await outcome, { kind: 'unavailable', reason: 'provider-unavailable' })
  assert.equal(sessions.held().state, 'found')
  assert.equal(calls(), 0)
})

test('ends its turn however the refresh went', async () => {
  for (const answer of [undefined, away, rejected, () => Promise.reject(new TypeError('bug'))]) {
    const { refresh, sessions, background } = refreshWith(over, answer)
    let turns = 0
    sessions.takeRefreshTurn = () => {
      turns += 1
      return Promise.resolve(async () => {
        turns -= 1
      })
    }
    await Promise.resolve(refresh()).catch(() => undefined)
    await background.settled()
    assert.equal(turns, 0)
  }
})

test('SEC-49: an outage of the provider keeps the session while its token is good', async () => {
  const { refresh, clock, sessions, background, calls, results } = refreshWith(someSession(), away)
  clock.advance(10 * minute)
  assert.deepEqual(refresh(), { kind: 'current' })
  await background.settled()
  assert.equal(sessions.held().state, 'found')
  assert.deepEqual(refresh(), { kind: 'current' })
  assert.equal(calls(), 1, 'not asked again at once')
  clock.advance(5000)
  assert.deepEqual(refresh(), { kind: 'current' })
  await background.settled()
  assert.equal(calls(), 2)
  assert.deepEqual(results, ['provider-unavailable', 'provider-unavailable'])
})

test('SEC-49: with the token over, an outage is unavailable and keeps the session', async () => {
  const { refresh, sessions, calls } = refreshWith(over, away)
  const unavailable = { kind: 'unavailable', reason: 'provider-unavailable' }
  assert.deepEqual(await refresh(), unavailable)
  assert.deepEqual(refresh(), unavailable, 'and is not tried again at once')
  assert.equal(sessions.held().state, 'found')
  assert.equal(calls(), 1)
})

test('each kind of failure is said loudly once, and its end', async () => {
  let failure: Error | undefined = new Unavailable('provider', 'timeout')
  const { refresh, clock, logged, results } = refreshWith(over, () =>
    failure ? Promise.reject(failure) : Promise.resolve(freshTokens(1)),
  )
  const tryAgain = async (times: number): Promise<void> => {
    for (let count = 0; count < times; count += 1) {
      await refresh()
      clock.advance(pauseMs)
    }
  }
  const said = 'refreshes fail, sessions are kept'
  await tryAgain(5)
  assert.deepEqual(logged('error'), [said])
  failure = new Unavailable('provider', 'invalid_client', { isClientRejected: true })
  await tryAgain(5)
  assert.deepEqual(logged('error'), [said, said])
  failure = undefined
  await tryAgain(2)
  assert.deepEqual(logged('info'), ['refreshes work again'])
  assert.deepEqual(results.slice(4, 6), ['provider-unavailable', 'client-rejected'])
  assert.equal(results.at(-1), 'refreshed')
})

test('pauses grow from five seconds to thirty', async () => {
  const { refresh, clock, calls } = refreshWith(over, away)
  await refresh()
  for (const longestMs of [5, 10, 20, 30, 30].map((seconds) => seconds * 1000)) {
    const before = calls()
    clock.advance(longestMs / 2 - 1)
    await refresh()
    assert.equal(calls(), before, 'too early')
    clock.advance(longestMs / 2 + 1)
    await refresh()
    assert.equal(calls(), before + 1)
  }
})

test('a rate limit and a rejected client hold the refreshes of all sessions', async () => {
  for (const [options, heldMs] of [
    [{ retryAfterMs: 60_000 }, 60_000],
    [{ isClientRejected: true }, 2_500],
  ] as const) {
    const failures = [new Unavailable('provider', 'status 429', options)]
    const { refresh, clock, calls } = refreshWith(over, () => {
      const failure = failures.pop()
      return failure ? Promise.reject(failure) : Promise.resolve(freshTokens(1))
    })
    const unavailable = { kind: 'unavailable', reason: 'provider-unavailable' }
    assert.deepEqual(await refresh(), unavailable)
    clock.advance(heldMs - 1)
    assert.deepEqual(await refresh(someSession({ id: 'other', tokenExpiresAt: 1 })), unavailable)
    assert.equal(calls(), 1)
    clock.advance(5_001)
    assert.equal((await refresh()).kind, 'refreshed')
  }
})

test('SEC-47: nobody is held for thirty years', async () => {
  const failures = [new Unavailable('provider', 'status 429', { retryAfterMs: 1e12 })]
  const { refresh, clock } = refreshWith(over, () => {
    const failure = failures.pop()
    return failure ? Promise.reject(failure) : Promise.resolve(freshTokens(1))
  })
  await refresh()
  clock.advance(pauseMs)
  assert.equal((await refresh()).kind, 'refreshed')
})

test('tokens that the store could not take are written by themselves, not fetched again', async () => {
  const { refresh, sessions, background, calls, results } = refreshWith(over, () => {
    sessions.fail(new Unavailable('store', 'refused'))
    return Promise.resolve(freshTokens(1))
  })
  let turns = 0
  sessions.takeRefreshTurn = () => {
    turns += 1
    return Promise.resolve(async () => {
      turns -= 1
    })
  }
  assert.deepEqual(await refresh(), { kind: 'unavailable', reason: 'store-unavailable' })
  assert.equal(turns, 1, 'nobody else may use the old refresh token')
  sessions.heal()
  await background.settled()
  assert.equal(turns, 0)
  const held = sessions.held()
  assert.equal('session' in held && held.session.generation, 1)
  assert.equal(calls(), 1)
  assert.deepEqual(results, ['store-unavailable', 'refreshed'])
})

test('tokens that wait for the store are written by the next check', async () => {
  const { refresh, sessions, clock, background, calls } = refreshWith(over, () => {
    sessions.fail(new Unavailable('store', 'refused'))
    return Promise.resolve(freshTokens(1))
  })
  await refresh()
  sessions.heal()
  clock.advance(5000)
  assert.equal(sessionIn(await refresh())?.generation, 1)
  assert.equal(calls(), 1)
  await background.settled()
})

test('without a refresh token a session lives as long as its access token', async () => {
  const clock = fakeClock()
  const tokens = { accessToken: 'a', idToken: 'i', refreshToken: '' }
  const good = someSession({ tokens, tokenExpiresAt: clock.now() + 60 * minute })
  const { refresh, clock: time, calls } = refreshWith(good)
  time.advance(30 * minute)
  assert.deepEqual(refresh(), { kind: 'current' })
  time.advance(30 * minute)
  assert.deepEqual(refresh(), { kind: 'ended', reason: 'token-expired', cookies: [] })
  assert.equal(calls(), 0)
})

test('with cookie_refresh = 0 tokens are never looked at', async () => {
  const refresh = createRefreshSession({
    options: { ...times, cookie_refresh: 0 },
    sessions: oneSessionStore({ state: 'none' }),
    oidc: { refresh: away },
    clock: fakeClock(),
    log: recordedLog(),
    record: { refresh: () => assert.fail() },
    background: createBackground((error) => assert.fail(String(error))),
  })
  assert.deepEqual(refresh(someSession({ tokenExpiresAt: 1 }), context), { kind: 'current' })
})

test('an error that is no outage is thrown on, or told when nobody waits', async () => {
  const bug = () => Promise.reject(new TypeError('bug'))
  await assert.rejects(async () => refreshWith(over, bug).refresh(), TypeError)
  const { refresh, clock, background, errors } = refreshWith(someSession(), bug)
  clock.advance(10 * minute)
  assert.deepEqual(refresh(), { kind: 'current' })
  await background.settled()
  assert.deepEqual(errors.map(String), ['TypeError: bug'])
})
