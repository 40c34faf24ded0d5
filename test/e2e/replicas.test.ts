// Two processes on one Redis, each with a memory of its own.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Redis } from 'ioredis'
import { eventually, withinASecond } from '../support/eventually.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { startProvider } from '../support/provider.ts'
import { startRedis } from '../support/redis.ts'
import { startSallyport } from '../support/sallyport.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent, type UserAgent } from '../support/user-agent.ts'

/** Without word from Redis these would go by their memory for an hour. */
const blindForAnHour = { session_cache_time: '1h', session_cache_blind_time: '1h' }

async function startReplicas(t: TestContext, redisUrl: string, options: Record<string, string>) {
  const provider = await startProvider(t)
  const start = async () => {
    const { port, line } = await startSallyport(t, {
      ...clientOptions(provider),
      ...options,
      session_store_type: 'redis',
      redis_connection_url: redisUrl,
      upstreams: ['static://200'],
    })
    return { url: `http://app.example.localhost:${port}`, line }
  }
  return Promise.all([start(), start()])
}

const check = async (agent: UserAgent, url: string): Promise<number> =>
  (await agent.request(`${url}/oauth2/auth`)).status

/** A browser signed in at the first replica, and a copy of its cookies for the second. */
async function signedIn(one: string, two: string) {
  const agent = createUserAgent()
  await signIn(agent, one)
  const copy = createUserAgent()
  copy.cookies.store(new URL(two), agent.cookies.header(new URL(one))?.split('; ') ?? [])
  return { agent, copy }
}

/** Waits until checks are answered without a word to Redis. */
async function remembering(agent: UserAgent, url: string, client: Redis): Promise<void> {
  await eventually(async () => {
    const before = await readCount(client)
    for (let count = 0; count < 10; count += 1) assert.equal(await check(agent, url), 202)
    assert.equal(await readCount(client), before)
  })
}

test('SEC-30: a sign-out at one replica ends the session in the memory of the other', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await startReplicas(t, redis.url, blindForAnHour)
  const { agent, copy } = await signedIn(one.url, two.url)
  await remembering(copy, two.url, await redis.client())
  await agent.request(`${one.url}/oauth2/sign_out`)
  await withinASecond(async () => {
    assert.equal(await check(copy, two.url), 401)
  })
})

test('SEC-30: and within a second while Redis does not tell of it', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = await startReplicas(t, redis.url, {})
  const client = await redis.client()
  const first = await signedIn(one.url, two.url)
  await remembering(first.copy, two.url, client)
  await client.acl('SETUSER', 'default', '-client|tracking')
  await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  await two.line(/does not tell of changed sessions/)
  assert.equal(await check(first.copy, two.url), 202)
  await first.agent.request(`${one.url}/oauth2/sign_out`)
  await withinASecond(async () => {
    assert.equal(await check(first.copy, two.url), 401)
  })

  await client.acl('SETUSER', 'default', '+client|tracking')
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await two.line(/tells of changed sessions again/)
  const second = await signedIn(one.url, two.url)
  await remembering(second.copy, two.url, client)
})

/** How many sessions were read from Redis so far. */
async function readCount(client: Redis): Promise<string> {
  return /cmdstat_get:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? '0'
}
