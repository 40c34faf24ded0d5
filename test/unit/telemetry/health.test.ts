import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import { createProbes } from '../../../src/telemetry/health.ts'
import { createLogger } from '../../../src/telemetry/logger.ts'
import { logLines } from '../../support/log-lines.ts'

const options = {
  ping_path: '/ping',
  ready_path: '/ready',
  ping_user_agent: '',
  gcp_healthchecks: false,
}

function setUp(
  changed: Partial<typeof options> = {},
  pingStore = () => Promise.resolve(),
  isStopping = () => false,
) {
  const destination = logLines()
  const log = createLogger({ log_level: 'info', standard_logging: true }, destination)
  const probes = createProbes({
    options: { ...options, ...changed },
    pingStore,
    isStopping,
    log,
  })
  return { probes, lines: destination.lines }
}

for (const path of ['/ping', '/ready']) {
  test(`answers ${path} with OK, not to be cached`, async () => {
    const answer = await setUp().probes(path, undefined)
    assert.deepEqual([answer?.status, answer?.body], [200, 'OK'])
    assert.equal(answer?.headers['cache-control'], 'no-store')
  })
}

test('is not ready while the store does not answer, and says no more than that', async () => {
  const down = () => Promise.reject(new Unavailable('store', 'connect ECONNREFUSED 10.0.0.7'))
  const { probes, lines } = setUp({}, down)
  const answer = await probes('/ready', undefined)
  assert.deepEqual([answer?.status, answer?.body], [503, 'session store unavailable'])
  assert.equal(lines[0]?.['cause'], 'connect ECONNREFUSED 10.0.0.7')
})

test('answers a ping while the store does not', async () => {
  const { probes } = setUp({}, () => Promise.reject(new Error('down')))
  assert.equal((await probes('/ping', undefined))?.status, 200)
})

test('is alive while it stops, and not ready', async () => {
  const { probes } = setUp({}, undefined, () => true)
  assert.equal((await probes('/ping', undefined))?.status, 200)
  const answer = await probes('/ready', undefined)
  assert.deepEqual([answer?.status, answer?.body], [503, 'stopping'])
})

const agent = { ping_user_agent: 'GoogleHC/1.0' }
const noProbes = [
  ['another path', {}, '/app', undefined],
  ['a path below', {}, '/ping/x', undefined],
  ['another spelling', {}, '/PING', undefined],
  ['the agent on another path', agent, '/app', 'GoogleHC/1.0'],
  ['the path from another agent', agent, '/ping', 'curl/8'],
  ['the path without an agent', agent, '/ping', undefined],
  ['a longer agent', agent, '/ping', 'GoogleHC/1.0 x'],
  ['a path that is switched off', { ping_path: '' }, '', undefined],
] as const

for (const [name, changed, path, userAgent] of noProbes) {
  test(`SEC-1: takes ${name} for a request like any other`, () => {
    assert.equal(setUp(changed).probes(path, userAgent), undefined)
  })
}

test('SEC-1: answers the configured agent on the ping path', async () => {
  assert.equal((await setUp(agent).probes('/ping', 'GoogleHC/1.0'))?.status, 200)
})

test('SEC-1: answers load balancers of Google Cloud on their paths when asked to, and nobody else', async () => {
  const { probes } = setUp({ gcp_healthchecks: true })
  for (const path of ['/liveness_check', '/readiness_check']) {
    assert.equal((await probes(path, 'GoogleHC/1.0'))?.status, 200)
    assert.equal(probes(path, 'curl/8'), undefined)
    assert.equal(setUp().probes(path, 'GoogleHC/1.0'), undefined)
  }
  assert.equal(probes('/app', 'GoogleHC/1.0'), undefined)
  assert.equal((await probes('/ping', 'kube-probe'))?.status, 200)
})
