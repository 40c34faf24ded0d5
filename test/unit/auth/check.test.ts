import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCheck, type CheckDeps } from '../../../src/auth/check.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import type { LoadedSession } from '../../../src/session/store.ts'
import { parseIpRange } from '../../../src/lib/ip.ts'
import { fakeClock } from '../../support/clock.ts'
import {
  nothingNoted,
  oneSessionStore,
  recordedLog,
  someRequest,
  someSession,
} from '../../support/sessions.ts'

function checkWith(changes: Partial<CheckDeps> = {}, loaded?: LoadedSession) {
  const sessions = oneSessionStore(loaded ?? { state: 'found', session: someSession() })
  const log = recordedLog()
  const check = createCheck({
    options: { skip_auth_preflight: false, trusted_ips: [], bearer_token_login_fallback: true },
    sessions,
    activity: nothingNoted,
    refreshSession: async () => ({ kind: 'current' }),
    isSkippedRoute: () => false,
    authorize: () => undefined,
    isWithinLimits: () => true,
    clock: fakeClock(),
    log,
    ...changes,
  })
  return { check, sessions, log }
}

const openOptions = {
  bearer_token_login_fallback: true,
  skip_auth_preflight: true,
  trusted_ips: ['203.0.113.0/24'].flatMap((range) => parseIpRange(range) ?? []),
}

test('allows who has a session', async () => {
  const session = someSession()
  const { check } = checkWith({}, { state: 'found', session })
  assert.deepEqual(await check(someRequest()), {
    outcome: 'allow',
    reason: 'session',
    session,
    cookies: [],
  })
})

test('asks who has none, or one that opens nothing, to sign in', async () => {
  for (const [state, reason] of [
    ['none', 'no-session'],
    ['invalid', 'session-invalid'],
  ] as const) {
    const { check } = checkWith({}, { state })
    assert.deepEqual(await check(someRequest()), { outcome: 'login', reason, cookies: [] })
  }
})

test('SEC-29: ends a session at its absolute end, also when it could be refreshed', async () => {
  const clock = fakeClock()
  const session = someSession({ expiresAt: clock.now() + 1000 })
  const { check } = checkWith(
    {
      clock,
      refreshSession: async () => ({ kind: 'refreshed', session, cookies: [] }),
    },
    { state: 'found', session },
  )
  assert.equal((await check(someRequest())).outcome, 'allow')
  clock.advance(1000)
  const decision = await check(someRequest())
  assert.deepEqual([decision.outcome, decision.reason], ['login', 'session-expired'])
})

test('passes the refreshed session and its cookie on', async () => {
  const session = someSession({ refreshedAt: 5 })
  const cookies = [{ name: 'n', value: 'v', path: '/', httpOnly: true, secure: true }]
  const { check } = checkWith({
    refreshSession: async () => ({ kind: 'refreshed', session, cookies }),
  })
  const decision = await check(someRequest())
  assert.deepEqual(decision, { outcome: 'allow', reason: 'session', session, cookies })
})

test('turns a refresh that ended the session into a sign-in, an outage into unavailable', async () => {
  const ended = checkWith({
    refreshSession: async () => ({ kind: 'ended', reason: 'refresh-rejected', cookies: [] }),
  })
  assert.equal((await ended.check(someRequest())).reason, 'refresh-rejected')
  const away = checkWith({
    refreshSession: async () => ({ kind: 'unavailable', reason: 'provider-unavailable' }),
  })
  assert.deepEqual(await away.check(someRequest()), {
    outcome: 'unavailable',
    reason: 'provider-unavailable',
  })
})

test('denies by policy and by the limits of the query, in this order', async () => {
  const refused = checkWith({ authorize: () => 'group-missing', isWithinLimits: () => false })
  assert.equal((await refused.check(someRequest())).reason, 'group-missing')
  const limited = checkWith({ isWithinLimits: () => false })
  const decision = await limited.check(someRequest())
  assert.deepEqual([decision.outcome, decision.reason], ['deny', 'query-limit'])
})

test('opens skipped routes, preflights and trusted addresses to everyone', async () => {
  const none = { state: 'none' } as const
  const cases = [
    [checkWith({ isSkippedRoute: () => true }, none), someRequest(), 'skipped-route'],
    [
      checkWith({ options: { ...openOptions, trusted_ips: [] } }, none),
      someRequest({ method: 'OPTIONS' }),
      'preflight',
    ],
    [checkWith({ options: openOptions }, none), someRequest(), 'trusted-ip'],
  ] as const
  for (const [{ check }, request, reason] of cases) {
    assert.deepEqual(await check(request), {
      outcome: 'allow',
      reason,
      session: undefined,
      cookies: [],
    })
  }
})

test('does not open by a preflight or an address that the options do not name', async () => {
  const { check } = checkWith({}, { state: 'none' })
  for (const request of [someRequest({ method: 'OPTIONS' }), someRequest({ clientIp: '' })]) {
    assert.equal((await check(request)).outcome, 'login')
  }
})

test('names who is signed in on an open route, but not who the policy refuses', async () => {
  const session = someSession()
  const known = checkWith({ isSkippedRoute: () => true }, { state: 'found', session })
  assert.deepEqual(await known.check(someRequest()), {
    outcome: 'allow',
    reason: 'skipped-route',
    session,
    cookies: [],
  })
  const refused = checkWith(
    { isSkippedRoute: () => true, authorize: () => 'email-not-allowed' },
    { state: 'found', session },
  )
  const decision = await refused.check(someRequest())
  assert.deepEqual(
    [decision.outcome, 'session' in decision && decision.session],
    ['allow', undefined],
  )
})

test('SEC-14: a store outage on an open route gives anonymous access, never an identity', async () => {
  const { check, sessions } = checkWith({ isSkippedRoute: () => true })
  sessions.fail(new Unavailable('store', 'refused'))
  assert.deepEqual(await check(someRequest()), {
    outcome: 'allow',
    reason: 'skipped-route',
    session: undefined,
    cookies: [],
  })
})

test('logs an outage as a warning and an unknown error as an error', async () => {
  const { check, sessions, log } = checkWith()
  sessions.fail(new Unavailable('store', 'refused'))
  assert.equal((await check(someRequest())).reason, 'store-unavailable')
  sessions.fail(new TypeError('a bug'))
  assert.equal((await check(someRequest())).reason, 'internal-error')
  assert.deepEqual(
    log.lines.map(({ level }) => level),
    ['warn', 'error'],
  )
})

const tokenSession = someSession({ id: 'of-a-token', expiresAt: Date.UTC(2030, 0, 1) })
const strictOptions = {
  skip_auth_preflight: false,
  trusted_ips: [],
  bearer_token_login_fallback: false,
}

test('a good bearer token goes before the stored session, and neither is refreshed', async () => {
  const { check } = checkWith({
    bearerSessions: () => ({ kind: 'session', session: tokenSession }),
    refreshSession: async () => ({ kind: 'ended', reason: 'token-expired', cookies: [] }),
  })
  assert.deepEqual(await check(someRequest()), {
    outcome: 'allow',
    reason: 'bearer-token',
    session: tokenSession,
    cookies: [],
  })
})

test('who comes with a token is under the same policy', async () => {
  const bearerSessions = () => ({ kind: 'session', session: tokenSession }) as const
  const refused = checkWith({ bearerSessions, authorize: () => 'group-missing' })
  assert.equal((await refused.check(someRequest())).reason, 'group-missing')
  const limited = checkWith({ bearerSessions, isWithinLimits: () => false })
  assert.equal((await limited.check(someRequest())).reason, 'query-limit')
})

test('a bad token leaves the stored session to count, and says why to the log', async () => {
  const bearerSessions = () => ({ kind: 'refused', detail: 'it has expired' }) as const
  const known = checkWith({ bearerSessions })
  assert.equal((await known.check(someRequest())).reason, 'session')
  assert.deepEqual(known.log.lines, [
    {
      level: 'debug',
      event: 'bearer token refused',
      fields: { requestId: 'request-1', cause: 'it has expired' },
    },
  ])
  const unknown = checkWith({ bearerSessions }, { state: 'none' })
  assert.equal((await unknown.check(someRequest())).reason, 'no-session')
})

test('without fallback a bad token is refused, on open routes too', async () => {
  const changes = {
    options: strictOptions,
    bearerSessions: () => ({ kind: 'refused', detail: 'no JWT' }) as const,
  }
  for (const { check } of [
    checkWith(changes),
    checkWith({ ...changes, isSkippedRoute: () => true }),
  ]) {
    const decision = await check(someRequest())
    assert.deepEqual([decision.outcome, decision.reason], ['deny', 'bearer-token-invalid'])
  }
})

test('SEC-14: keys that cannot be had are an outage, whatever else the request brings', async () => {
  const { check } = checkWith({
    options: strictOptions,
    bearerSessions: () => Promise.reject(new Unavailable('provider', 'keys: refused')),
  })
  assert.equal((await check(someRequest())).reason, 'provider-unavailable')
})

test('tokens are not looked at unless they are asked for', async () => {
  const { check } = checkWith({ options: strictOptions }, { state: 'none' })
  const decision = await check(someRequest({ authorization: 'Bearer x' }))
  assert.equal(decision.reason, 'no-session')
})
