// SEC-40: what one client address may do; a trusted proxy says which it is.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { fakeClock } from '../../support/clock.ts'
import { signInAtProvider, alice, startProvider } from '../../support/provider.ts'
import { createUserAgent } from '../../support/user-agent.ts'
import { startService, type Settings } from './harness.ts'

async function startSite(t: TestContext, further: Settings = {}) {
  const clock = fakeClock(Date.now())
  const provider = await startProvider(t)
  const settings = {
    session_store_type: 'memory',
    reverse_proxy: true,
    trusted_proxy_ips: ['127.0.0.1', '10.0.0.0/8'],
    ...further,
  }
  const service = await startService(t, provider, settings, clock)
  const ask = (path: string, client: string, body?: string) =>
    createUserAgent().request(service.at(path), {
      ...(body !== undefined && { method: 'POST', body }),
      headers: {
        'x-real-ip': client,
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      },
    })
  const limited = () =>
    service
      .logs()
      .filter(({ msg }) => msg === 'too many requests')
      .map(({ route, clientIp }) => [route, clientIp])
  return { clock, service, ask, limited }
}

test('SEC-40: a flood of sign-ins from one address is told to wait, and nobody else', async (t) => {
  const { clock, ask, limited } = await startSite(t)
  for (let round = 0; round < 20; round += 1) {
    const started = Array.from({ length: 50 }, () => ask('/oauth2/start', '2001:db8::1'))
    for (const { status } of await Promise.all(started)) assert.equal(status, 302)
  }
  const refused = await ask('/oauth2/start', '2001:db8::2')
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1'], 'the same /64')
  assert.match(refused.body, /Wait a few seconds/)
  assert.equal(refused.headers['set-cookie'], undefined)
  assert.deepEqual(limited(), [['start', '2001:db8::1']], 'said once')
  assert.equal((await ask('/oauth2/start', '198.51.100.1')).status, 302)
  clock.advance(1_000)
  assert.equal((await ask('/oauth2/start', '2001:db8::1')).status, 302)
})

test('SEC-40: callbacks that come to nothing are limited, for that address', async (t) => {
  const { clock, service, ask, limited } = await startSite(t)
  const forge = (client: string) => ask('/oauth2/callback?code=x&state=forged', client)
  for (let count = 0; count < 100; count += 1) assert.equal((await forge('192.0.2.1')).status, 302)
  assert.equal((await forge('192.0.2.1')).status, 429)
  assert.deepEqual(limited(), [['callback', '192.0.2.1']])

  const agent = createUserAgent()
  const started = await agent.request(service.at('/oauth2/start?rd=/app'))
  const callbackUrl = await signInAtProvider(started.headers.location ?? '', alice, agent)
  const held = await agent.request(callbackUrl, { headers: { 'x-real-ip': '192.0.2.1' } })
  assert.equal(held.status, 429)
  clock.advance(1_000)
  const landed = await agent.request(callbackUrl, { headers: { 'x-real-ip': '192.0.2.1' } })
  assert.equal(landed.headers.location, '/app', 'the same sign-in goes on')
})

test('SEC-40: logout tokens that are refused are limited, for that address', async (t) => {
  const { clock, ask, limited } = await startSite(t)
  const tell = (client: string) => ask('/oauth2/backchannel_logout', client, 'logout_token=x')
  for (let count = 0; count < 100; count += 1) assert.equal((await tell('192.0.2.1')).status, 400)
  const refused = await tell('192.0.2.1')
  assert.deepEqual([refused.status, refused.headers['retry-after']], [429, '1'])
  assert.match(refused.headers['cache-control'] ?? '', /no-store/)
  assert.deepEqual(limited(), [['backchannel_logout', '192.0.2.1']])
  assert.equal((await tell('192.0.2.2')).status, 400)
  clock.advance(100)
  assert.equal((await tell('192.0.2.1')).status, 400)
})

for (const [title, settings, client] of [
  ['the gateway taken for the client', { reverse_proxy: false }, '192.0.2.1'],
  ['the node or load balancer before the gateway', {}, '10.0.0.7'],
  ['an address that cannot be read', {}, 'unknown'],
] as const) {
  test(`SEC-40: a stranger does not use up what all have: ${title}`, async (t) => {
    const { ask, limited } = await startSite(t, settings)
    for (let round = 0; round < 3; round += 1) {
      const forged = Array.from({ length: 50 }, () =>
        ask('/oauth2/callback?code=x&state=y', client),
      )
      for (const { status } of await Promise.all(forged)) assert.equal(status, 302)
    }
    assert.deepEqual(limited(), [])
  })
}
