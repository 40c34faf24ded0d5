import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, request, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startProxySite } from '../support/proxy-site.ts'

const clients = 16

test('SEC-50: SIGTERM under load loses no request', async (t) => {
  const site = await startProxySite(t, { skip_auth_routes: ['^/'] })
  // What a gateway does: connections are kept, and closed when an answer says so.
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  t.after(() => {
    agent.destroy()
  })
  const statuses: number[] = []
  const failures: string[] = []

  async function client(path: string): Promise<void> {
    for (;;) {
      try {
        statuses.push(await get(`${site.running.url}${path}`, agent))
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException
        if (code !== 'ECONNREFUSED') failures.push(String(error))
        return
      }
    }
  }

  const load = Array.from({ length: clients }, (_, index) => client(index % 2 ? '/slow' : '/fast'))
  await sleep(500)
  const exitCode = site.running.stop('SIGTERM')
  await Promise.all(load)
  assert.deepEqual(failures, [])
  assert.ok(statuses.length > clients * 2)
  assert.deepEqual([...new Set(statuses)], [200])
  assert.equal(await exitCode, 0)
})

async function get(url: string, agent: Agent): Promise<number> {
  const outgoing = request(url, { agent }).end()
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage]
  // Rejects when the answer breaks off.
  for await (const chunk of incoming) void chunk
  return incoming.statusCode ?? 0
}
