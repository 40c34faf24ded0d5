import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import { Unavailable } from '../../src/core/errors.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { afterTest } from '../support/cleanup.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { freePort, temporaryFolder } from '../support/process.ts'
import { isSessionKey, startRedis } from '../support/redis.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog, someSession } from '../support/sessions.ts'

const cookieName = '_oauth2_proxy'
const found = { state: 'found', session: someSession() } as const

/** A store that may have no server yet, and what it logged. */
async function openStore(t: TestContext, url: string, changes: Partial<SessionStoreOptions> = {}) {
  const log = recordedLog()
  const options = { session_store_type: 'redis', redis_connection_url: url, ...changes }
  const clock = fakeClock()
  const deps = { clock, log, observe: () => {} }
  const store = await createSessionStore(sessionOptions(options), deps)
  afterTest(t, () => store.close())
  return { store, log, clock }
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
  const { store } = await openStore(t, `redis://127.0.0.1:${port}`)
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
  const { store, log } = await openStore(t, redis.url)
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
  const { store } = await openStore(t, `redis://127.0.0.1:${await freePort()}`)
  const browser = createBrowserCookies()
  assert.deepEqual(await store.load(browser.request()), { state: 'none' })
  browser.kept.set(cookieName, 'made-up')
  assert.deepEqual(await store.load(browser.request()), { state: 'invalid' })
})

test('SEC-48: a server that hangs is unavailable by the deadline and keeps its sessions', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const browser = await signIn((await openStore(t, redis.url)).store)
  const { store } = await openStore(t, redis.url, { store_timeout: 100 })
  await eventually(() => store.ping())
  redis.freeze()
  const asked = Array.from({ length: 50 }, async () => store.load(browser.request()))
  const answers = await Promise.allSettled(asked)
  assert.ok(answers.every(({ status }) => status === 'rejected'))
  // Long enough for the connection to be given up.
  await eventually(() => assert.rejects(store.ping(), /not connected/))
  redis.thaw()
  await eventually(async () => {
    assert.deepEqual(await store.load(browser.request()), found)
  })
})

test('SEC-48: what would wait for a server that hangs is refused at once', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  // A connection that hangs is not given up within this test: the socket has twice that time.
  const { store } = await openStore(t, redis.url, { store_timeout: 2_000 })
  const browser = await signIn(store)
  redis.freeze()
  const first = Array.from({ length: 5 }, async () => store.load(browser.request()))
  for (const { status } of await Promise.allSettled(first)) assert.equal(status, 'rejected')
  const later = Array.from({ length: 1000 }, async () => store.load(browser.request()))
  for (const answer of await Promise.allSettled(later)) {
    assert.ok(answer.status === 'rejected' && isStoreUnavailable(answer.reason))
    assert.match(String(answer.reason), /given a rest/)
  }
  redis.thaw()
  await eventually(() => store.ping())
  assert.deepEqual(await store.load(browser.request()), found)
})

test('SEC-48: a slow server is waited for within the deadline, and unavailable beyond it', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const patient = await openStore(t, redis.url, { store_timeout: 20_000 })
  const hasty = await openStore(t, redis.url, { store_timeout: 50 })
  const browser = await signIn(patient.store)
  await eventually(() => hasty.store.ping())
  redis.freeze()
  const waiting = patient.store.load(browser.request())
  await assert.rejects(async () => hasty.store.load(browser.request()), isStoreUnavailable)
  redis.thaw()
  assert.deepEqual(await waiting, found)
  await eventually(async () => {
    assert.deepEqual(await hasty.store.load(browser.request()), found)
  })
})

test('SEC-48: a server that loads its data is unavailable, and has the sessions then', async (t) => {
  const redis = await startRedis(t, { persistent: true })
  if (!redis) return
  const { store } = await openStore(t, redis.url)
  const browser = await signIn(store)
  const client = await redis.client()
  for (let count = 0; count < 300; count += 1) await client.set(`other-${count}`, randomBytes(1024))
  await client.save()
  // It loads for half a minute, and looks for requests between keys, until it is told to hurry.
  const microseconds = '100000'
  await redis.restart([
    '--key-load-delay',
    microseconds,
    '--loading-process-events-interval-bytes',
    '1024',
  ])
  await eventually(() => assert.rejects(async () => store.load(browser.request()), /LOADING/))
  await assert.rejects(
    store.replace(someSession(), browser.request(), someSession()),
    isStoreUnavailable,
  )
  await assert.rejects(store.remove(browser.request()), isStoreUnavailable)
  const hurrying = client.duplicate({ enableReadyCheck: false })
  afterTest(t, () => hurrying.disconnect())
  await hurrying.config('SET', 'key-load-delay', '0')
  await eventually(async () => {
    assert.deepEqual(await store.load(browser.request()), found)
  })
})

test('SEC-48: a restart of a server that keeps its data ends no session', async (t) => {
  const redis = await startRedis(t, { persistent: true })
  if (!redis) return
  const { store, clock } = await openStore(t, redis.url)
  const browser = await signIn(store)
  await (await redis.client()).save()
  const seen = new Set<string>()
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      clock.advance(3_600_000)
      try {
        seen.add((await store.load(browser.request())).state)
      } catch (error) {
        assert.ok(isStoreUnavailable(error), String(error))
        seen.add('unavailable')
      }
      await sleep(1)
    }
  })()
  await redis.restart()
  await eventually(() => store.ping())
  assert.deepEqual(await store.load(browser.request()), found)
  over.abort()
  await watching
  assert.deepEqual(seen, new Set(['found', 'unavailable']))
})

test('SEC-48: a password that changes at the server is unavailable until it is known again', async (t) => {
  const redis = await startRedis(t, { password: 'before' })
  if (!redis) return
  const { store, log } = await openStore(t, redis.url)
  const browser = await signIn(store)
  const client = await redis.client()
  await client.config('SET', 'requirepass', 'after')
  assert.deepEqual(await store.load(browser.request()), found, 'who is in stays in')
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await eventually(() =>
    assert.rejects(async () => store.load(browser.request()), /WRONGPASS|NOAUTH/),
  )
  await assert.rejects(async () => store.load(browser.request()), isStoreUnavailable)
  await assert.rejects(store.remove(browser.request()), isStoreUnavailable)
  await client.config('SET', 'requirepass', 'before')
  await eventually(async () => {
    assert.deepEqual(await store.load(browser.request()), found)
  })
  assert.doesNotMatch(JSON.stringify(log.lines), /before|after/)
})

test('with session_store_grace a session in memory outlives an outage, but not its end', async (t) => {
  const redis = await startRedis(t, { persistent: true })
  if (!redis) return
  const { store, clock } = await openStore(t, redis.url, { session_store_grace: 30_000 })
  const [browser, unseen] = [await signIn(store), await signIn(store)]
  await store.load(browser.request())
  await store.load(browser.request())
  await (await redis.client()).save()
  await redis.stop()
  await eventually(() => assert.rejects(store.ping(), isStoreUnavailable))
  clock.advance(60_000 + 30_000 - 1)
  assert.deepEqual(await store.load(browser.request()), found)
  await assert.rejects(async () => store.load(unseen.request()), isStoreUnavailable)
  clock.advance(1)
  await assert.rejects(async () => store.load(browser.request()), isStoreUnavailable)
  await redis.restart()
  await eventually(() => store.ping())
  await (await redis.client()).flushall()
  assert.deepEqual(await store.load(browser.request()), { state: 'invalid' })
})

test('SEC-48: a read-only replica is unavailable for writing, and sessions stay', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = await openStore(t, redis.url)
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
  const { store } = await openStore(t, redis.url)
  const browser = await signIn(store)
  const client = await redis.client()
  await client.config('SET', 'maxmemory', '1')
  await assert.rejects(store.create(someSession(), browser.request()), /OOM/)
  assert.deepEqual(await store.load(browser.request()), found)
})

test('SEC-48: a missing or wrong password is unavailable, never an ended session', async (t) => {
  const redis = await startRedis(t, { password: 'right-password' })
  if (!redis) return
  const browser = await signIn((await openStore(t, redis.url)).store)
  const plainUrl = `redis://127.0.0.1:${redis.port}`
  const hints = { '': /NOAUTH/, 'wrong-password': /WRONGPASS/ }
  for (const [password, hint] of Object.entries(hints)) {
    const changes = { redis_password: new Secret(password) }
    const { store, log } = await openStore(t, plainUrl, changes)
    await eventually(() => assert.rejects(async () => store.load(browser.request()), hint))
    await assert.rejects(async () => store.load(browser.request()), isStoreUnavailable)
    assert.doesNotMatch(JSON.stringify(log.lines), /wrong-password/)
  }
})

test('the password option overrides the one in the URL', async (t) => {
  const redis = await startRedis(t, { password: 'p@ss:w/rd%' })
  if (!redis) return
  const url = `redis://:wrong@127.0.0.1:${redis.port}`
  const { store } = await openStore(t, url, {
    redis_username: 'default',
    redis_password: new Secret('p@ss:w/rd%'),
  })
  const browser = await signIn(store)
  assert.deepEqual(await store.load(browser.request()), found)
})

test('trusts a server by the CA file, and a server without it only when told to', async (t) => {
  const redis = await startRedis(t, { tls: true })
  if (!redis) return
  const trusting = await openStore(t, redis.url, { redis_ca_path: redis.caPath })
  const browser = await signIn(trusting.store)
  const careless = await openStore(t, redis.url, { redis_insecure_skip_tls_verify: true })
  await eventually(() => careless.store.ping())
  assert.deepEqual(await careless.store.load(browser.request()), found)
  const careful = await openStore(t, redis.url)
  await eventually(() =>
    assert.rejects(
      async () => careful.store.load(browser.request()),
      /unable to verify|self-signed/,
    ),
  )
})

test('shows a client certificate to a server that asks for one', async (t) => {
  const redis = await startRedis(t, { tls: 'mutual' })
  if (!redis) return
  const trust = { redis_ca_path: redis.caPath }
  const certificate = {
    redis_client_cert_path: redis.clientCertPath,
    redis_client_key_path: redis.clientKeyPath,
  }
  const { store } = await openStore(t, redis.url, { ...trust, ...certificate })
  const browser = await signIn(store)
  assert.deepEqual(await store.load(browser.request()), found)
  const bare = await openStore(t, redis.url, trust)
  await eventually(() =>
    assert.rejects(async () => bare.store.load(browser.request()), /alert|reset/),
  )
})

test('a new certificate is used at the next connection, half of one is not', async (t) => {
  const redis = await startRedis(t, { tls: 'mutual' })
  const other = await startRedis(t, { tls: 'mutual' })
  if (!redis || !other) return
  const folder = temporaryFolder(t)
  const paths = { cert: join(folder, 'client.pem'), key: join(folder, 'client.key') }
  const write = (from: typeof redis) => {
    writeFileSync(paths.key, readFileSync(from.clientKeyPath))
    writeFileSync(paths.cert, readFileSync(from.clientCertPath))
  }
  write(other)
  const { store } = await openStore(t, redis.url, {
    redis_ca_path: redis.caPath,
    redis_client_cert_path: paths.cert,
    redis_client_key_path: paths.key,
  })
  await eventually(() => assert.rejects(store.ping(), /alert|reset/))
  write(redis)
  const browser = await signIn(store)
  writeFileSync(paths.cert, readFileSync(redis.clientCertPath, 'utf8').slice(0, 200))
  const client = await redis.client()
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await eventually(async () => {
    assert.deepEqual(await store.reload(browser.request()), found)
  })
})

test('a connection is not left idle for longer than it may be', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const client = await redis.client()
  await client.client('SETNAME', 'test')
  const { store, log } = await openStore(t, redis.url, { redis_connection_idle_timeout: 1 })
  await eventually(() => store.ping())
  await client.config('SET', 'timeout', '1')
  await eventually(async () => {
    const lines = String(await client.client('LIST')).split('\n')
    const ages = lines
      .filter((line) => / flags=N /.test(line) && !line.includes('name=test'))
      .map((line) => Number(/ age=(\d+)/.exec(line)?.[1]))
    assert.equal(ages.length, 1)
    assert.ok((ages[0] ?? 0) > 4)
  })
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['redis connected'],
  )
})

test('SEC-48: a corrupt value ends that session only, and is logged', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, log } = await openStore(t, redis.url)
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
  const { store, log } = await openStore(t, redis.url)
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
  const redis = await startRedis(t, { args: ['--maxmemory-policy', 'volatile-ttl'] })
  if (!redis) return
  const { store } = await openStore(t, redis.url)
  const client = await redis.client()
  const evicted = await signIn(store)
  // The only key with an end: the only one that may be evicted.
  await client.pexpire(await onlyKey(client), 3_600_000)
  const whole = await signIn(store)
  await client.config('SET', 'maxmemory', '1')
  await assert.rejects(store.create(someSession(), createBrowserCookies().request()), /OOM/)
  await client.config('SET', 'maxmemory', '0')
  assert.deepEqual(await store.load(evicted.request()), { state: 'invalid' })
  assert.deepEqual(await store.load(whole.request()), found)
})
