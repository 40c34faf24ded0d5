import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRequestLog, type ServedRequest } from '../../../src/telemetry/request-log.ts'
import { logLines } from '../../support/log-lines.ts'

const options = {
  request_logging: true,
  silence_ping_logging: false,
  exclude_logging_paths: [],
  ping_path: '/ping',
  ready_path: '/ready',
}

const portalRequest: ServedRequest = {
  method: 'GET',
  url: '/oauth2/callback?code=s3cret-code&state=s3cret-state',
  host: 'auth.example.com',
  status: 302,
  durationMs: 12.345_678,
  clientIp: '192.0.2.1',
  requestId: 'r1',
}

function logged(request: ServedRequest, changed: Partial<typeof options> | object = {}) {
  const destination = logLines()
  createRequestLog({ ...options, ...changed }, destination)?.(request)
  return destination.lines.map(({ time, ...line }) => {
    assert.equal(typeof time, 'string')
    return line
  })
}

test('writes one line for a request', () => {
  assert.deepEqual(logged(portalRequest), [
    {
      level: 'info',
      log: 'request',
      method: 'GET',
      host: 'auth.example.com',
      path: '/oauth2/callback',
      status: 302,
      durationMs: 12.346,
      clientIp: '192.0.2.1',
      requestId: 'r1',
      msg: 'request',
    },
  ])
})

test('SEC-33: never logs the query of a request or of what it asks about', () => {
  const check = {
    front: 'nginx',
    outcome: 'login',
    reason: 'no-session',
    method: 'GET',
    host: 'app.example.com',
    uri: '/reset?token=s3cret#s3cret',
  } as const
  const line = JSON.stringify(logged({ ...portalRequest, check }))
  assert.doesNotMatch(line, /s3cret|code=|token=/)
})

test('tells of a check who asked about what, and the decision', () => {
  const check = {
    front: 'nginx',
    outcome: 'allow',
    reason: 'session',
    method: 'POST',
    host: 'app.example.com',
    uri: '/orders?id=7',
  } as const
  const [line] = logged({ ...portalRequest, url: '/oauth2/auth', status: 202, user: 'u1', check })
  assert.deepEqual(
    [line?.['front'], line?.['outcome'], line?.['reason'], line?.['user']],
    ['nginx', 'allow', 'session', 'u1'],
  )
  assert.deepEqual(
    [line?.['checkedMethod'], line?.['checkedHost'], line?.['checkedPath']],
    ['POST', 'app.example.com', '/orders'],
  )
})

const silenced = [
  ['request_logging is off', '/app', { request_logging: false }],
  ['silence_ping_logging silences the ping', '/ping', { silence_ping_logging: true }],
  ['silence_ping_logging silences readiness', '/ready', { silence_ping_logging: true }],
  ['a path is excluded', '/oauth2/auth?x=1', { exclude_logging_paths: ['/oauth2/auth'] }],
  ['an excluded path comes encoded', '/oauth2/%61uth', { exclude_logging_paths: ['/oauth2/auth'] }],
] as const

for (const [name, url, changed] of silenced) {
  test(`writes nothing when ${name}`, () => {
    assert.deepEqual(logged({ ...portalRequest, url }, changed), [])
  })
}

const kept = [
  ['a probe without silence_ping_logging', '/ping', {}],
  ['a path below an excluded one', '/static/a', { exclude_logging_paths: ['/static'] }],
  ['a path that cannot be decoded', '/%zz', { exclude_logging_paths: ['/static'] }],
] as const

for (const [name, url, changed] of kept) {
  test(`writes a line for ${name}`, () => {
    assert.equal(logged({ ...portalRequest, url }, changed).length, 1)
  })
}
