// Sessions whose person is away: one replica and two, and what counts as being there.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeClock } from '../../support/clock.ts'
import { eventually } from '../../support/eventually.ts'
import { startProvider } from '../../support/provider.ts'
import { startRedis } from '../../support/redis.ts'
import type { UserAgent } from '../../support/user-agent.ts'
import {
  check,
  redisStore,
  sessionOf,
  setCookies,
  signedIn,
  startService,
  testEachStore,
  type Service,
} from './harness.ts'

const minute = 60_000

testEachStore('a session ends when its person was away, not before', async (t, store) => {
  const clock = fakeClock(Date.now())
  const settings = { ...store, session_idle_timeout: '10m', cookie_expire: '1h' }
  const service = await startService(t, await startProvider(t), settings, clock)
  const agent = await signedIn(service)
  for (let round = 0; round < 5; round += 1) {
    clock.advance(9 * minute)
    assert.equal((await check(agent, service)).status, 202, `round ${round}`)
  }
  clock.advance(10 * minute)
  const reply = await check(agent, service)
  assert.equal(reply.status, 401)
  assert.match(setCookies(reply).join(), /^_oauth2_proxy=; Max-Age=0/)
  const line = service.logs().find(({ msg }) => msg === 'session-ended')
  assert.equal(line?.['reason'], 'session-idle')
  assert.equal((await check(agent, service)).status, 401)
})

testEachStore('by default nobody is away too long', async (t, store) => {
  const clock = fakeClock(Date.now())
  const service = await startService(t, await startProvider(t), store, clock)
  const agent = await signedIn(service)
  clock.advance(6 * 24 * 60 * minute)
  const reply = await check(agent, service)
  assert.equal(reply.status, 202)
  assert.deepEqual(setCookies(reply), [])
})

testEachStore('activity does not move the end of a session', async (t, store) => {
  const clock = fakeClock(Date.now())
  const settings = { ...store, session_idle_timeout: '10m', cookie_expire: '20m' }
  const service = await startService(t, await startProvider(t), settings, clock)
  const agent = await signedIn(service)
  for (const status of [202, 202, 202, 401]) {
    clock.advance(5 * minute)
    assert.equal((await check(agent, service)).status, status)
  }
})

testEachStore(
  'a refresh and the note of activity do not get in each other’s way',
  async (t, store) => {
    const clock = fakeClock(Date.now())
    const settings = { ...store, session_idle_timeout: '10m', cookie_refresh: '5m' }
    const service = await startService(t, await startProvider(t), settings, clock)
    const agent = await signedIn(service)
    for (let round = 0; round < 8; round += 1) {
      clock.advance(9 * minute)
      const replies = await Promise.all([1, 2, 3].map(() => check(agent, service)))
      for (const { status } of replies) assert.equal(status, 202, `round ${round}`)
    }
    clock.advance(10 * minute)
    assert.equal((await check(agent, service)).status, 401)
  },
)

test('if asked for, only navigations count where Fetch Metadata shows them', async (t) => {
  const settings = { session_store_type: 'memory', session_idle_timeout: '10m' }
  const poll = { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }
  const visit = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  for (const [only, headers, status] of [
    [true, poll, 401],
    [true, visit, 202],
    [true, {}, 202],
    [false, poll, 202],
  ] as const) {
    const clock = fakeClock(Date.now())
    const config = { ...settings, session_idle_navigation_only: only }
    const service = await startService(t, await startProvider(t), config, clock)
    const agent = await signedIn(service)
    const ask = (service: Service) => agent.request(service.at('/oauth2/auth'), { headers })
    clock.advance(9 * minute)
    assert.equal((await ask(service)).status, 202, 'a poll is answered, too')
    clock.advance(9 * minute)
    assert.equal((await ask(service)).status, status, JSON.stringify([only, headers]))
  }
})

test('activity on one replica is seen by the other before it ends the session', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const clock = fakeClock(Date.now())
  const provider = await startProvider(t)
  const settings = { ...redisStore(redis.url), session_idle_timeout: '10m' }
  const replicas = [
    await startService(t, provider, settings, clock),
    await startService(t, provider, settings, clock),
  ] as const
  const agent = await signedIn(replicas[0])
  // Both know it by heart, from the second time on.
  for (const replica of [...replicas, ...replicas]) await check(agent, replica)
  for (let round = 0; round < 4; round += 1) {
    const replica = replicas[round % 2]
    clock.advance(9 * minute)
    assert.equal((await check(agent, replica ?? replicas[0])).status, 202, `round ${round}`)
    await written(agent, replicas[0])
  }
  clock.advance(10 * minute)
  for (const replica of replicas) assert.equal((await check(agent, replica)).status, 401)
})

/** The note is made beside the check: others see it once it is in the store. */
function written(agent: UserAgent, service: Service): Promise<void> {
  return eventually(async () => {
    assert.equal((await sessionOf(agent, service)).activeAt, service.clock.now())
  })
}
