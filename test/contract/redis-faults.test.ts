import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { Redis } from 'ioredis'
import { Unavailable } from '../../src/core/errors.ts'
import { Secret } from '../../src/lib/secret.ts'
import {
  createSessionStore,
  type SessionStoreOptions,
} from '../../src/session/create-session-store.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { freePort } from '../support/process.ts'
import { isSessionKey, startRedis } from '../support/redis.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog, someSession } from '../support/sessions.ts'

const cookieName = '_oauth2_proxy'
const found = { state: 'found', session: someSession() } as const

/** A store that may have no server yet, and what it logged. */
function openStore(t: TestContext, url: string, changes: Partial<SessionStoreOptions> = {}) {
  const log = recordedLog()
  const options = { session_store_type: 'redis', redis_connection_url: url, ...changes }
  const deps = { clock: fakeClock(), log, observe: () => {} }
  const store = createSessionStore(sessionOptions(options), deps)
  t.after(() => store.close())
  return { store, log }
}

/** A browser signed in to a store that is up. */
async function signIn(store: SessionStore) {
  await eventually(() => store.ping())
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(), browser.request()))
  return browser
}

async function onlyKey(client: Redis): Promise<string> {
  const [key = '', ...others] = (await client.keys('*')).filter(isSessionKey)
  assert.deepEqual(others, [])
  return key
}

function isStoreUnavailable(error: unknown): boolean {
  return error instanceof Unavailable && error.dependency === 'store'
}

test('SEC-48: a server that comes up later is used without a restart', async (t) => {
  const port = await freePort()
  const { store } = openStore(t, `redis://127.0.0.1:${port}`)
  const browser = createBrowserCookies()
  await assert.rejects(store.ping(), isStoreUnavailable)
  await assert.rejects(store.create(someSession(), browser.request()), isStoreUnavailable)
  if (!(await startRedis(t, { port }))) return
  const { kept } = await signIn(store)
  assert.equal(kept.size, 1)
})

test('SEC-48: a killed server is unavailable until it is back, then sessions are gone', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, log } = openStore(t, redis.url)
  const browser = await signIn(store)
  await redis.stop()
  await assert.rejects(async () => store.load(browser.request()), isStoreUnavailable)
  await assert.rejects(
    store.replace(someSession(), browser.request(), someSession()),
    isStoreUnavailable,
  )
  await assert.rejects(store.remove(browser.request()), isStoreUnavailable)
  await redis.restart()
  await eventually(() => store.ping())
  assert.deepEqual(await store.load(browser.request()), { state: 'invalid' })
  const events = log.lines.map(({ level, event }) => `${level}: ${event}`)
  assert.equal(events[0], 'info: redis connected')
  assert.equal(events.at(-1), 'info: redis connected')
  assert.ok(events.includes('warn: redis connection failed'))
})

test('SEC-48: a request without our cookie asks nothing of a server that is down', async (t) => {
  const { store } = openStore(t, `redis://127.0.0.1:${await freePort()}`)
  const browser = createBrowserCookies()
  assert.deepEqual(await store.load(browser.request()), { state: 'none' })
  browser.kept.set(cookieName, 'made-up')
  assert.deepEqual(await store.load(browser.request()), { state: 'invalid' })
})

test('SEC-48: a server that hangs is unavailable by the deadline and keeps its sessions', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = openStore(t, redis.url, { store_timeout: 100 })
  const browser = await signIn(store)
  redis.freeze()
  const asked = Array.from({ length: 50 }, async () => store.load(browser.request()))
  const answers = await Promise.allSettled(asked)
  assert.ok(answers.every(({ status }) => status === 'rejected'))
  // Long enough for the connection to be given up.
  await eventually(() => assert.rejects(store.ping(), /not connected/))
  redis.thaw()
  await eventually(() => store.ping())
  assert.deepEqual(await store.load(browser.request()), found)
})

test('SEC-48: a read-only replica is unavailable for writing, and sessions stay', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = openStore(t, redis.url)
  const browser = await signIn(store)
  const client = await redis.client()
  await client.replicaof('127.0.0.1', 1)
  await assert.rejects(store.create(someSession(), browser.request()), /READONLY/)
  await eventually(() => store.ping())
  assert.deepEqual(await store.load(browser.request()), found)
  await client.replicaof('NO', 'ONE')
  assert.deepEqual(await store.replace(someSession(), browser.request(), someSession()), [])
})

test('SEC-48: a server out of memory is unavailable for writing, and sessions stay', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = openStore(t, redis.url)
  const browser = await signIn(store)
  const client = await redis.client()
  await client.config('SET', 'maxmemory', '1')
  await assert.rejects(store.create(someSession(), browser.request()), /OOM/)
  assert.deepEqual(await store.load(browser.request()), found)
})

test('SEC-48: a missing or wrong password is unavailable, never an ended session', async (t) => {
  const redis = await startRedis(t, { password: 'right-password' })
  if (!redis) return
  const browser = await signIn(openStore(t, redis.url).store)
  const plainUrl = `redis://127.0.0.1:${redis.port}`
  const hints = { '': /NOAUTH/, 'wrong-password': /WRONGPASS/ }
  for (const [password, hint] of Object.entries(hints)) {
    const changes = { redis_password: new Secret(password) }
    const { store, log } = openStore(t, plainUrl, changes)
    await eventually(() => assert.rejects(async () => store.load(browser.request()), hint))
    await assert.rejects(async () => store.load(browser.request()), isStoreUnavailable)
    assert.doesNotMatch(JSON.stringify(log.lines), /wrong-password/)
  }
})

test('the password option overrides the one in the URL', async (t) => {
  const redis = await startRedis(t, { password: 'p@ss:w/rd%' })
  if (!redis) return
  const url = `redis://:wrong@127.0.0.1:${redis.port}`
  const { store } = openStore(t, url, {
    redis_username: 'default',
    redis_password: new Secret('p@ss:w/rd%'),
  })
  const browser = await signIn(store)
  assert.deepEqual(await store.load(browser.request()), found)
})

test('trusts a server by the CA file, and a server without it only when told to', async (t) => {
  const redis = await startRedis(t, { tls: true })
  if (!redis) return
  const trusting = openStore(t, redis.url, { redis_ca_path: redis.caPath })
  const browser = await signIn(trusting.store)
  const careless = openStore(t, redis.url, { redis_insecure_skip_tls_verify: true })
  await eventually(() => careless.store.ping())
  assert.deepEqual(await careless.store.load(browser.request()), found)
  const careful = openStore(t, redis.url)
  await eventually(() =>
    assert.rejects(
      async () => careful.store.load(browser.request()),
      /unable to verify|self-signed/,
    ),
  )
})

test('SEC-48: a corrupt value ends that session only, and is logged', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, log } = openStore(t, redis.url)
  const client = await redis.client()
  const broken = await signIn(store)
  const key = await onlyKey(client)
  const whole = await signIn(store)
  const value = await client.getBuffer(key)
  assert.ok(value)
  const flipped = Buffer.from(value)
  flipped[20] = (flipped[20] ?? 0) ^ 1
  for (const corrupt of [flipped, value.subarray(0, -1), Buffer.from(''), Buffer.from('{}')]) {
    await client.set(key, corrupt)
    assert.deepEqual(await store.load(broken.request()), { state: 'invalid' })
    assert.deepEqual(log.lines.at(-1)?.fields, { key })
  }
  assert.deepEqual(await store.load(whole.request()), found)
})

test('SEC-48: a value of another type ends that session only, and is logged', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, log } = openStore(t, redis.url)
  const client = await redis.client()
  const broken = await signIn(store)
  const key = await onlyKey(client)
  const whole = await signIn(store)
  await client.del(key)
  await client.lpush(key, 'a list')
  assert.deepEqual(await store.load(broken.request()), { state: 'invalid' })
  assert.equal(log.lines.at(-1)?.event, 'stored session is no string')
  assert.deepEqual(await store.load(whole.request()), found)
})

test('SEC-48: an evicted session ends, the others stay', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = openStore(t, redis.url)
  const client = await redis.client()
  const evicted = await signIn(store)
  const key = await onlyKey(client)
  const whole = await signIn(store)
  await client.del(key)
  assert.deepEqual(await store.load(evicted.request()), { state: 'invalid' })
  assert.deepEqual(await store.load(whole.request()), found)
})
