import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createLogger } from '../../../src/telemetry/logger.ts'
import {
  startMetricsServer,
  type MetricsServerDeps,
} from '../../../src/telemetry/metrics-server.ts'
import { afterTest } from '../../support/cleanup.ts'
import { logLines } from '../../support/log-lines.ts'

const destination = logLines()
const deps: MetricsServerDeps = {
  address: { host: '127.0.0.1', port: 0 },
  probes: (path, agent) =>
    path === '/ready' && agent === 'probe'
      ? Promise.resolve({ status: 503, headers: { 'x-a': 'b' }, cookies: [], body: 'down' })
      : undefined,
  metrics: { exposition: () => Promise.resolve({ contentType: 'text/plain', text: 'up 1\n' }) },
  log: createLogger({ log_level: 'info', standard_logging: true }, destination),
}

async function start(t: TestContext, changed: Partial<MetricsServerDeps> = {}): Promise<string> {
  const server = await startMetricsServer({ ...deps, ...changed })
  afterTest(t, () => server.close())
  return `http://127.0.0.1:${server.port}`
}

for (const path of ['/metrics', '/', '/metrics?name[]=up']) {
  test(`answers ${path} with the metrics`, async (t) => {
    const answer = await fetch((await start(t)) + path)
    assert.deepEqual(
      [answer.status, answer.headers.get('content-type'), await answer.text()],
      [200, 'text/plain', 'up 1\n'],
    )
  })
}

test('answers probes as the public listener does', async (t) => {
  const url = `${await start(t)}/ready?x`
  const answer = await fetch(url, { headers: { 'user-agent': 'probe' } })
  assert.deepEqual(
    [answer.status, answer.headers.get('x-a'), await answer.text()],
    [503, 'b', 'down'],
  )
})

for (const path of [
  '/oauth2/auth',
  '/oauth2/sign_in',
  '/oauth2/',
  '/ping',
  '/ready',
  '/metrics/',
]) {
  test(`SEC-41: answers nothing at ${path}`, async (t) => {
    assert.equal((await fetch((await start(t)) + path)).status, 404)
  })
}

test('answers GET and HEAD only', async (t) => {
  const url = `${await start(t)}/metrics`
  assert.equal((await fetch(url, { method: 'POST', body: 'x' })).status, 405)
  assert.equal((await fetch(url, { method: 'HEAD' })).status, 200)
})

test('answers 500 and logs the cause when the metrics cannot be had', async (t) => {
  const exposition = () => Promise.reject(new Error('collect failed'))
  const answer = await fetch(await start(t, { metrics: { exposition } }))
  assert.deepEqual([answer.status, await answer.text()], [500, ''])
  assert.equal(destination.lines.at(-1)?.['cause'], 'collect failed')
})

test('rejects when the address is taken', async (t) => {
  const url = new URL(await start(t))
  const address = { host: url.hostname, port: Number(url.port) }
  await assert.rejects(startMetricsServer({ ...deps, address }), { code: 'EADDRINUSE' })
})

test('listens on a unix socket', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'metrics-'))
  afterTest(t, () => rmSync(directory, { recursive: true }))
  const path = join(directory, 'socket')
  const server = await startMetricsServer({ ...deps, address: { path } })
  afterTest(t, () => server.close())
  const socket = connect(path)
  await once(socket, 'connect')
  socket.destroy()
  assert.equal(server.port, undefined)
})

test('closes at once, open connections included', async () => {
  const server = await startMetricsServer(deps)
  const socket = connect(server.port ?? 0, '127.0.0.1')
  await once(socket, 'connect')
  const closed = once(socket, 'close')
  await server.close()
  await closed
})
