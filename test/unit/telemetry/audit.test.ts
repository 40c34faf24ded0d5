import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Session } from '../../../src/core/session.ts'
import { createAudit, type Audit } from '../../../src/telemetry/audit.ts'
import { logLines } from '../../support/log-lines.ts'

const session: Session = {
  id: 'session-1',
  identity: { user: 'u1', email: 'ada@example.com', groups: ['g'], preferredUsername: 'ada' },
  tokens: { accessToken: 's3cret', idToken: 's3cret', refreshToken: 's3cret' },
  providerSid: '',
  browser: { address: '', userAgent: '' },
  createdAt: 0,
  generation: 0,
  refreshedAt: 0,
  activeAt: 0,
  expiresAt: 0,
  tokenExpiresAt: 0,
  idTokenExpiresAt: 0,
}
const visit = { host: 'app.example.com', clientIp: '192.0.2.1', requestId: 'r1' }
const request = {
  ...visit,
  front: 'traefik',
  method: 'GET',
  uri: '/orders?token=s3cret',
} as const

function audited(use: (audit: Audit) => void, auth_logging = true) {
  const destination = logLines()
  use(createAudit({ auth_logging }, destination))
  assert.doesNotMatch(JSON.stringify(destination.lines), /s3cret|ada@/)
  return destination.lines.map(({ time, level, log, ...line }) => {
    assert.deepEqual([typeof time, level, log], ['string', 'info', 'audit'])
    return line
  })
}

for (const decision of [
  { outcome: 'allow', reason: 'session', session, cookies: [] },
  { outcome: 'login', reason: 'no-session', cookies: [] },
] as const) {
  test(`writes nothing for ${decision.outcome}, ${decision.reason}`, () => {
    assert.deepEqual(
      audited((audit) => audit.checked(request, decision)),
      [],
    )
  })
}

test('tells who was denied what, where and why', () => {
  const decision = { outcome: 'deny', reason: 'group-missing', session, cookies: [] } as const
  assert.deepEqual(
    audited((audit) => audit.checked(request, decision)),
    [
      {
        msg: 'check',
        outcome: 'deny',
        reason: 'group-missing',
        front: 'traefik',
        method: 'GET',
        path: '/orders',
        user: 'u1',
        sessionId: 'session-1',
        ...visit,
      },
    ],
  )
})

for (const decision of [
  { outcome: 'login', reason: 'session-invalid', cookies: [] },
  { outcome: 'deny', reason: 'bad-request', session: undefined, cookies: [] },
  { outcome: 'unavailable', reason: 'store-unavailable' },
] as const) {
  test(`tells of the outcome ${decision.outcome} without a person`, () => {
    const [line] = audited((audit) => audit.checked(request, decision))
    assert.equal(line?.['reason'], decision.reason)
    assert.equal('user' in (line ?? {}), false)
  })
}

test('tells who signed in', () => {
  assert.deepEqual(
    audited((audit) => audit.signedIn(session, visit)),
    [{ msg: 'sign-in', user: 'u1', sessionId: 'session-1', ...visit }],
  )
})

test('tells why a sign-in failed and, when it is known, whose', () => {
  const lines = audited((audit) => {
    audit.signInFailed('email-not-allowed', visit, 'u1')
    audit.signInFailed('cookie-lost', visit)
  })
  assert.deepEqual(lines, [
    { msg: 'sign-in-failed', reason: 'email-not-allowed', user: 'u1', ...visit },
    { msg: 'sign-in-failed', reason: 'cookie-lost', ...visit },
  ])
})

test('tells who signed out, also when nobody was signed in', () => {
  const lines = audited((audit) => {
    audit.signedOut(session, visit)
    audit.signedOut(undefined, visit)
  })
  assert.deepEqual(lines, [
    { msg: 'sign-out', user: 'u1', sessionId: 'session-1', ...visit },
    { msg: 'sign-out', ...visit },
  ])
})

test('tells whose session ended by itself', () => {
  assert.deepEqual(
    audited((audit) => audit.sessionEnded(session, 'refresh-rejected')),
    [
      {
        msg: 'session-ended',
        reason: 'refresh-rejected',
        user: 'u1',
        sessionId: 'session-1',
      },
    ],
  )
})

test('tells whose session was ended from outside, by whom and from where', () => {
  const card = { id: 'session-1', user: 'u1', email: 'left@out.example' }
  const { host, clientIp, requestId } = visit
  const revoked = { by: 'operator', user: 'u1', sessionId: 'session-1', host, clientIp, requestId }
  assert.deepEqual(
    audited((audit) => {
      audit.sessionRevoked(card, 'operator', visit)
      audit.sessionRevoked({ sid: 'p1', user: 'u1' }, 'back-channel-logout', visit)
      audit.sessionRevoked({ all: true }, 'operator')
    }),
    [
      { msg: 'session-revoked', ...revoked },
      { msg: 'session-revoked', by: 'back-channel-logout', sid: 'p1', user: 'u1', ...visit },
      { msg: 'session-revoked', by: 'operator', all: true },
    ],
  )
})

test('takes nothing but the named fields from a larger object', () => {
  const portalRequest = { ...visit, cookies: 's3cret' }
  assert.equal(audited((audit) => audit.signedIn(session, portalRequest)).length, 1)
})

test('writes nothing without auth_logging', () => {
  assert.deepEqual(
    audited((audit) => audit.signedIn(session, visit), false),
    [],
  )
})
