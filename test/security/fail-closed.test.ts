import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCheck, type CheckDeps } from '../../src/auth/check.ts'
import { Unavailable } from '../../src/core/errors.ts'
import { fakeClock } from '../support/clock.ts'
import {
  nothingNoted,
  oneSessionStore,
  recordedLog,
  someRequest,
  someSession,
} from '../support/sessions.ts'

function healthyDeps(): CheckDeps {
  return {
    options: { skip_auth_preflight: false, trusted_ips: [], bearer_token_login_fallback: true },
    sessions: oneSessionStore({ state: 'found', session: someSession({ expiresAt: 1 }) }),
    activity: nothingNoted,
    refreshSession: async () => ({ kind: 'current' }),
    isSkippedRoute: () => false,
    authorize: () => undefined,
    isWithinLimits: () => true,
    clock: { now: () => 0 },
    log: recordedLog(),
  }
}

const errors = [
  new Unavailable('store', 'gone'),
  new Unavailable('provider', 'gone'),
  new TypeError('a bug'),
  new Error(''),
]

/** Each way a dependency of the check can throw; the rest of the check is healthy. */
const broken: Record<string, (error: Error) => Partial<CheckDeps>> = {
  'the store': (error) => {
    const sessions = oneSessionStore({ state: 'found', session: someSession() })
    sessions.fail(error)
    return { sessions }
  },
  'the bearer token': (error) => ({ bearerSessions: async () => throwing(error) }),
  'the idle time': (error) => ({
    activity: { ...nothingNoted, presence: () => throwing(error) },
  }),
  'the note of activity': (error) => ({
    activity: { ...nothingNoted, note: () => throwing(error) },
  }),
  'the refresh': (error) => ({ refreshSession: async () => throwing(error) }),
  'the policy': (error) => ({ authorize: () => throwing(error) }),
  'the limits': (error) => ({ isWithinLimits: () => throwing(error) }),
  'the skip rules': (error) => ({ isSkippedRoute: () => throwing(error) }),
  'the clock': (error) => ({ clock: { now: () => throwing(error) } }),
}

function throwing(error: Error): never {
  throw error
}

test('SEC-39: the healthy check allows, so that what follows means something', async () => {
  const decision = await createCheck(healthyDeps())(someRequest())
  assert.equal(decision.outcome, 'allow')
})

for (const [name, breakIt] of Object.entries(broken)) {
  for (const error of errors) {
    const kind = error instanceof Unavailable ? `${error.dependency} outage` : error.name
    test(`SEC-39: ${name} throwing (${kind}) makes the check unavailable`, async () => {
      const check = createCheck({ ...healthyDeps(), ...breakIt(error) })
      assert.equal((await check(someRequest())).outcome, 'unavailable')
    })
  }
}

test('SEC-39: a store that never answers never allows', async () => {
  const sessions = oneSessionStore({ state: 'none' })
  const check = createCheck({
    ...healthyDeps(),
    sessions: { ...sessions, load: () => new Promise(() => {}) },
    clock: fakeClock(),
  })
  const undecided = Symbol('undecided')
  const answer = await Promise.race([check(someRequest()), Promise.resolve(undecided)])
  assert.equal(answer, undecided)
})
