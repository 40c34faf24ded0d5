import assert from 'node:assert/strict'
import { test } from 'node:test'
import { frontNames } from '../../../src/core/auth-request.ts'
import { outcomeReasons } from '../../../src/telemetry/metric-list.ts'
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics.ts'

async function series(metrics: Metrics, name: string): Promise<readonly string[]> {
  const { text } = await metrics.exposition()
  return text.split('\n').filter((line) => line.startsWith(`${name}{`))
}

const value = async (metrics: Metrics, line: string) => {
  const [found] = await series(metrics, line.slice(0, line.indexOf('{'))).then((lines) =>
    lines.filter((each) => each.startsWith(`${line} `)),
  )
  return found === undefined ? undefined : Number(found.split(' ')[1])
}

const create = () => createMetrics({ version: '1.2.3' })

test('counts checks by front, outcome and reason', async () => {
  const metrics = create()
  metrics.checked('nginx', { reason: 'session' })
  metrics.checked('nginx', { reason: 'session' })
  metrics.checked('traefik', { reason: 'group-missing' })
  const checks = 'sallyport_checks_total'
  assert.equal(await value(metrics, `${checks}{front="nginx",outcome="allow",reason="session"}`), 2)
  assert.equal(
    await value(metrics, `${checks}{front="traefik",outcome="deny",reason="group-missing"}`),
    1,
  )
})

test('a check is counted once, however often the counts are read', async () => {
  const metrics = create()
  const line = 'sallyport_checks_total{front="nginx",outcome="allow",reason="session"}'
  metrics.checked('nginx', { reason: 'session' })
  assert.equal(await value(metrics, line), 1)
  assert.equal(await value(metrics, line), 1)
  metrics.checked('nginx', { reason: 'session' })
  assert.equal(await value(metrics, line), 2)
})

test('a time is told once, however many there are and however often they are read', async () => {
  const metrics = create()
  const line = 'sallyport_http_request_duration_seconds_count{route="check",code="2xx"}'
  for (let count = 0; count < 1000; count += 1) metrics.requestServed('check', 202, 0.001)
  assert.equal(await value(metrics, line), 1000)
  assert.equal(await value(metrics, line), 1000)
  metrics.requestServed('check', 202, 0.001)
  assert.equal(await value(metrics, line), 1001)
})

test('has every series of checks from the start, at zero', async () => {
  const reasons = Object.values(outcomeReasons).flat()
  const lines = await series(create(), 'sallyport_checks_total')
  assert.equal(lines.length, frontNames.length * reasons.length)
  assert.ok(lines.every((line) => line.endsWith(' 0')))
})

test('no reason belongs to two outcomes', () => {
  const reasons = Object.values(outcomeReasons).flat()
  assert.equal(new Set(reasons).size, reasons.length)
})

test('counts sign-ins and refreshes by how they ended', async () => {
  const metrics = create()
  metrics.signInEnded('ok')
  metrics.signInEnded('cookie-lost')
  metrics.refreshed('rejected')
  assert.equal(await value(metrics, 'sallyport_sign_ins_total{result="ok"}'), 1)
  assert.equal(await value(metrics, 'sallyport_sign_ins_total{result="cookie-lost"}'), 1)
  assert.equal(await value(metrics, 'sallyport_sign_ins_total{result="unavailable"}'), 0)
  assert.equal(await value(metrics, 'sallyport_refreshes_total{result="rejected"}'), 1)
})

test('counts sessions that began and that ended before their time', async () => {
  const metrics = create()
  metrics.sessionEvent('signed-in')
  metrics.sessionEvent('signed-out')
  assert.equal(await value(metrics, 'sallyport_sessions_total{event="signed-in"}'), 1)
  assert.equal(await value(metrics, 'sallyport_sessions_total{event="signed-out"}'), 1)
  assert.equal(await value(metrics, 'sallyport_sessions_total{event="refresh-rejected"}'), 0)
})

test('times calls to the provider and to the store', async () => {
  const metrics = create()
  metrics.observeProvider('token', 'error', 0.2)
  metrics.observeStore('get', 'ok', 0.002)
  const provider = 'sallyport_provider_request_duration_seconds'
  const store = 'sallyport_store_operation_duration_seconds'
  assert.equal(await value(metrics, `${provider}_sum{operation="token",result="error"}`), 0.2)
  assert.equal(await value(metrics, `${provider}_count{operation="token",result="error"}`), 1)
  assert.equal(await value(metrics, `${store}_bucket{le="0.0025",operation="get",result="ok"}`), 1)
  assert.equal(await value(metrics, `${store}_bucket{le="0.001",operation="get",result="ok"}`), 0)
})

test('counts an operation that is not listed as other, so that labels stay few', async () => {
  const metrics = create()
  for (const operation of ['GET /users/1', 'GET /users/2']) {
    metrics.observeProvider(operation, 'ok', 0.1)
  }
  const lines = await series(metrics, 'sallyport_provider_request_duration_seconds_count')
  assert.deepEqual(lines, [
    'sallyport_provider_request_duration_seconds_count{operation="other",result="ok"} 2',
  ])
})

test('times requests by route and class of status', async () => {
  const metrics = create()
  metrics.requestServed('check', 202, 0.001)
  metrics.requestServed('check', 200, 0.001)
  metrics.requestServed('upstream', 599, 3)
  const name = 'sallyport_http_request_duration_seconds_count'
  assert.deepEqual(await series(metrics, name), [
    `${name}{route="check",code="2xx"} 2`,
    `${name}{route="upstream",code="5xx"} 1`,
  ])
})

test('leaves out a status that is none', async () => {
  const metrics = create()
  metrics.requestServed('upstream', 0, 3)
  assert.deepEqual(await series(metrics, 'sallyport_http_request_duration_seconds_count'), [])
})

test('says what runs', async () => {
  const labels = `version="1.2.3",node="${process.version}"`
  assert.equal(await value(create(), `sallyport_build_info{${labels}}`), 1)
})

test('shows the process and Node.js, in the Prometheus text format', async () => {
  const { contentType, text } = await create().exposition()
  assert.match(contentType, /^text\/plain; version=0\.0\.4/)
  assert.match(text, /^process_resident_memory_bytes \d+/m)
  assert.match(text, /^nodejs_eventloop_lag_seconds /m)
})

test('two services in one process do not share their counts', async () => {
  const [first, second] = [create(), create()]
  first.signInEnded('ok')
  assert.equal(await value(second, 'sallyport_sign_ins_total{result="ok"}'), 0)
})

test('tells of the process, and has nothing observe each garbage collection', async () => {
  const { text } = await create().exposition()
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'process_open_fds',
    'nodejs_eventloop_lag_p99_seconds',
    'nodejs_heap_size_used_bytes',
  ]) {
    assert.match(text, new RegExp(`^${name} `, 'm'))
  }
  assert.doesNotMatch(text, /nodejs_gc/)
})
