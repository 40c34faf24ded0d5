import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRecorder, type RecorderDeps } from '../../../src/auth/recorder.ts'
import { rawRequest } from '../../support/fronts.ts'
import { recordedLog } from '../../support/sessions.ts'

function start() {
  const log = recordedLog()
  const counted: string[] = []
  const unused = (): never => {
    throw new Error('not part of this test')
  }
  const deps: RecorderDeps = {
    log,
    metrics: {
      checked: (front, { reason }) => counted.push(`${front} ${reason}`),
      refreshed: unused,
      sessionEvent: unused,
      signInEnded: unused,
    },
    audit: {
      checked: unused,
      sessionEnded: unused,
      sessionRevoked: unused,
      signedIn: unused,
      signInFailed: unused,
      signedOut: unused,
    },
    cookieWatch: { checked: unused, signedIn: unused },
  }
  return { log, counted, record: createRecorder(deps) }
}

test('a refusal is counted each time and logged once per cause', () => {
  const { log, counted, record } = start()
  const cases = [
    ['envoy', 'X-Forwarded-Proto is missing'],
    ['envoy', 'X-Forwarded-Proto is missing'],
    ['traefik', 'X-Forwarded-Proto is missing'],
    ['envoy', 'asked by 192.0.2.1'],
    ['envoy', 'X-Forwarded-Proto is missing'],
  ] as const
  for (const [front, message] of cases) record.refused(front, rawRequest(), message)
  assert.deepEqual(
    counted,
    cases.map(([front]) => `${front} bad-request`),
  )
  const logged = log.lines.map(({ fields }) => {
    const { front, message } = fields as { front: string; message: string }
    return `${front}: ${message}`
  })
  assert.deepEqual(logged, [
    'envoy: X-Forwarded-Proto is missing',
    'traefik: X-Forwarded-Proto is missing',
    'envoy: asked by 192.0.2.1',
  ])
})
