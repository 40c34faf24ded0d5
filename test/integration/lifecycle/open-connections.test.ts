// SEC-37 with the whole service: what is open ends with its session.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { afterTest } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort } from '../../support/process.ts'
import { alice, bob, startProvider, type ProviderUser } from '../../support/provider.ts'
import { startRedis } from '../../support/redis.ts'
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts'
import { check, signInByHand, startService, type Service } from './harness.ts'

const adminToken = 'admin-token-of-32-characters-xxx'

/** An app whose answers never end. */
async function startStreamingApp(t: TestContext): Promise<string> {
  const server = createServer((_request, response) => {
    response.write('first')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

async function stream(agent: UserAgent, service: Service) {
  await eventually(async () => assert.equal((await check(agent, service)).status, 202))
  const cookie = agent.cookies.header(new URL(service.at('/'))) ?? ''
  const outgoing = request({
    host: '127.0.0.1',
    port: service.port,
    path: '/events',
    headers: { cookie, host: new URL(service.at('/')).host },
  })
  outgoing.on('error', () => undefined)
  outgoing.end()
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
  const state = { isOpen: true, received: '' }
  answer.on('error', () => undefined)
  answer.setEncoding('utf8').on('data', (chunk: string) => {
    state.received += chunk
  })
  answer.on('close', () => {
    state.isOpen = false
  })
  await eventually(() => assert.equal(state.received, 'first'))
  return state
}

for (const type of ['memory', 'redis', 'cookie'] as const) {
  test(`SEC-37: a stream ends soon after its session was revoked (${type} store)`, async (t) => {
    const redis = type === 'memory' ? undefined : await startRedis(t)
    if (type !== 'memory' && !redis) return
    const store = { session_store_type: type, ...(redis && { redis_connection_url: redis.url }) }
    const adminPort = await freePort()
    const provider = await startProvider(t)
    const service = await startService(t, provider, {
      ...store,
      upstreams: [await startStreamingApp(t)],
      session_watch_interval: '200ms',
      admin_address: `127.0.0.1:${adminPort}`,
      admin_token: adminToken,
    })
    const [agent, other] = [await signInOnly(service, alice), await signInOnly(service, bob)]
    const [ended, kept] = [await stream(agent, service), await stream(other, service)]
    const headers = { authorization: `Bearer ${adminToken}` }
    const url = `http://127.0.0.1:${adminPort}/sessions?user=${alice.sub}`
    assert.ok((await fetch(url, { method: 'DELETE', headers })).ok)
    await eventually(() => assert.equal(ended.isOpen, false))
    assert.equal(kept.isOpen, true)
    assert.equal((await check(other, service)).status, 202)
  })
}

/** The app's own page would never end. */
async function signInOnly(service: Service, user: ProviderUser): Promise<UserAgent> {
  const agent = createUserAgent()
  await signInByHand(service, agent, { user })
  return agent
}
