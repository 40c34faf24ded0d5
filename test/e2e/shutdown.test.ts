import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { afterTest, type Cleanup } from '../support/cleanup.ts'
import { eventually } from '../support/eventually.ts'
import { startProxySite, type ProxySite } from '../support/proxy-site.ts'

const clients = 16

test('SEC-50: SIGTERM under load loses no request', async (t) => {
  const leaving = await startProxySite(t, { skip_auth_routes: ['^/'] })
  const staying = await startProxySite(t, { skip_auth_routes: ['^/'] })
  const statuses: number[] = []
  const over = new AbortController()

  /** As a gateway: keeps its connection, and goes to the other replica when an answer closes it. */
  async function client(path: string): Promise<void> {
    let replica = leaving.running.url
    const agent = oneConnection(t)
    while (!over.signal.aborted) {
      const { status, closes } = await get(`${replica}${path}`, agent)
      statuses.push(status)
      if (closes) replica = staying.running.url
    }
  }

  const load = Array.from({ length: clients }, (_, index) => client(index % 2 ? '/slow' : '/fast'))
  const isUnderWay = ({ sampleApp }: ProxySite): Promise<void> =>
    eventually(() => assert.ok(sampleApp.requests.length > 2 * clients))
  await Promise.race([isUnderWay(leaving), Promise.all(load)])
  assert.equal(await leaving.running.stop('SIGTERM'), 0)
  await Promise.race([isUnderWay(staying), Promise.all(load)])
  over.abort()
  await Promise.all(load)
  assert.deepEqual([...new Set(statuses)], [200])
  assert.equal(
    statuses.length,
    leaving.sampleApp.requests.length + staying.sampleApp.requests.length,
  )
})

function oneConnection(t: Cleanup): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  afterTest(t, () => {
    agent.destroy()
  })
  return agent
}

/** Rejects when the connection or the answer breaks off. */
async function get(url: string, agent: Agent): Promise<{ status: number; closes: boolean }> {
  const outgoing = request(url, { agent }).end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  for await (const chunk of incoming) void chunk
  return { status: incoming.statusCode ?? 0, closes: incoming.headers.connection === 'close' }
}

test('a connection on which nothing was ever sent does not hold up the end', async (t) => {
  const site = await startProxySite(t, { shutdown_timeout: '60s' })
  const { hostname, port } = new URL(site.running.url)
  const silent = connect(Number(port), hostname)
  await once(silent, 'connect')
  const over = once(silent, 'close')
  // Whoever comes late is served all the same.
  const late = connect(Number(port), hostname)
  await once(late, 'connect')
  const stopped = site.running.stop('SIGTERM')
  late.end('GET /ping HTTP/1.1\r\nHost: a\r\n\r\n')
  const answer = await text(late)
  assert.match(answer, /^HTTP\/1.1 200 /)
  await over
  assert.equal(await stopped, 0)
})
