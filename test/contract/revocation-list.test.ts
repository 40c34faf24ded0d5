// Sealed cookies are revoked through a list in Redis that all replicas read.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Unavailable } from '../../src/core/errors.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import type { SessionSelector } from '../../src/session/directory.ts'
import type { SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { afterTest } from '../support/cleanup.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually, withinASecond } from '../support/eventually.ts'
import { startRedis, type RunningRedis } from '../support/redis.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog, someSession } from '../support/sessions.ts'

const clock = fakeClock()

async function open(
  t: TestContext,
  redis: RunningRedis,
  changes: Partial<SessionStoreOptions> = {},
): Promise<SessionStore> {
  const options = sessionOptions({ redis_connection_url: redis.url, ...changes })
  const store = await createSessionStore(options, { clock, log: recordedLog(), observe: () => {} })
  afterTest(t, () => store.close())
  // Until the list was read for the first time nobody knows.
  await eventually(() => store.ping())
  return store
}

async function signIn(store: SessionStore, changes: Parameters<typeof someSession>[0] = {}) {
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(changes), browser.request()))
  return browser
}

type Browser = Awaited<ReturnType<typeof signIn>>
const stateOf = async (store: SessionStore, browser: Browser) =>
  (await store.load(browser.request())).state

test('SEC-30: a revocation reaches every replica within a second, cached sessions too', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const [one, two] = [await open(t, redis), await open(t, redis)]
  const alice = await signIn(one, { id: 'of-alice' })
  const bob = await signIn(one, {
    id: 'of-bob',
    identity: { user: 'bob', email: 'bob@example.com', groups: [], preferredUsername: '' },
    providerSid: 'sid-of-bob',
  })
  for (const store of [one, two, one, two]) assert.equal(await stateOf(store, alice), 'found')
  await one.revocations?.revoke({ by: 'user', user: 'alice@example.com' })
  assert.equal(await stateOf(one, alice), 'invalid', 'at once where it was said')
  await withinASecond(async () => {
    assert.equal(await stateOf(two, alice), 'invalid')
  })
  assert.equal((await two.reload(alice.request())).state, 'invalid')
  assert.equal(await stateOf(two, bob), 'found')
  await two.revocations?.revoke({ by: 'sid', sid: 'sid-of-bob' })
  await withinASecond(async () => {
    assert.equal(await stateOf(one, bob), 'invalid')
  })
  clock.advance(1)
  const again = await signIn(one, { createdAt: clock.now() })
  assert.equal(await stateOf(two, again), 'found', 'a new sign-in counts')
})

test('a replica that starts later knows what was revoked before', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const one = await open(t, redis)
  const browser = await signIn(one)
  await one.revocations?.revoke({ by: 'all' })
  const later = await createSessionStore(sessionOptions({ redis_connection_url: redis.url }), {
    clock,
    log: recordedLog(),
    observe: () => {},
  })
  afterTest(t, () => later.close())
  await eventually(async () => {
    assert.equal(await stateOf(later, browser), 'invalid')
  })
})

test('SEC-48: until the list was read, and when it was not for too long, nobody passes or is signed out', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const store = await open(t, redis, { revocation_max_age: 3_000, store_timeout: 200 })
  const browser = await signIn(store)
  await redis.stop()
  assert.equal(await stateOf(store, browser), 'found', 'for a while')
  await eventually(async () => {
    await assert.rejects(
      async () => store.load(browser.request()),
      (error) => error instanceof Unavailable && error.dependency === 'store',
    )
  })
  await assert.rejects(store.revocations!.revoke({ by: 'all' }), Unavailable)
  await redis.restart()
  await eventually(async () => {
    assert.equal(await stateOf(store, browser), 'found')
  })
})

test('what a replica knows of it does not forget with Redis', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const store = await open(t, redis)
  const browser = await signIn(store)
  await store.revocations?.revoke({ by: 'id', id: 'session-1' })
  await redis.restart()
  await eventually(() => store.ping())
  assert.equal(await stateOf(store, browser), 'invalid')
})

test('SEC-31: the list tells nobody whom it is about, and ends with the sessions', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const store = await open(t, redis)
  const selectors: readonly SessionSelector[] = [
    { by: 'user', user: 'alice@example.com' },
    { by: 'sid', sid: 'provider-session-1', sub: 'alice-sub' },
    { by: 'id', id: 'session-1' },
  ]
  for (const selector of selectors) await store.revocations?.revoke(selector)
  const client = await redis.client()
  const keys = await client.keys('*')
  const lists = keys.filter((key) => /^_oauth2_proxy-list-[\da-f]{64}$/.test(key))
  assert.equal(lists.length, 1)
  const members = await client.zrange(lists[0] ?? '', '0', '-1')
  assert.equal(members.length, 5)
  for (const secret of ['alice', 'example', 'session-1']) {
    assert.ok(![...keys, ...members].join().includes(secret))
  }
  const ttlMs = await client.pttl(lists[0] ?? '')
  assert.ok(ttlMs > 0 && ttlMs <= sessionOptions().cookie_expire)
})

test('marks under an older secret count, those of a stranger do not', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const [older, newer] = [new Secret('older secret'), new Secret('newer secret')]
  const before = await open(t, redis, { cookie_secret: [older] })
  const browser = await signIn(before)
  await before.revocations?.revoke({ by: 'id', id: 'session-1' })
  const rotated = await open(t, redis, { cookie_secret: [newer, older] })
  assert.equal(await stateOf(rotated, browser), 'invalid')
  const stranger = await open(t, redis, { cookie_secret: [new Secret('another secret')] })
  await stranger.revocations?.revoke({ by: 'all' })
  clock.advance(1)
  const later = await signIn(rotated, { createdAt: clock.now() })
  await rotated.revocations?.revoke({ by: 'id', id: 'no-such' })
  assert.equal(await stateOf(rotated, later), 'found')
})

test('a replica whose secrets change goes on to read what was and is revoked', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const [old, next] = [new Secret('the secret of before'), new Secret('the one that follows')]
  let secrets: readonly Secret[] = [old]
  const options = sessionOptions({ redis_connection_url: redis.url, cookie_secret: [old] })
  const live = await createSessionStore(options, {
    clock,
    log: recordedLog(),
    observe: () => {},
    cookieSecrets: () => secrets,
  })
  afterTest(t, () => live.close())
  const ahead = await open(t, redis, { cookie_secret: [next, old] })
  const alice = await signIn(ahead, { id: 'of-alice' })
  const bob = await signIn(ahead, { id: 'of-bob' })
  await ahead.revocations?.revoke({ by: 'id', id: 'of-alice' })
  await eventually(async () => live.load(alice.request()))

  secrets = [next, old]
  await withinASecond(async () => {
    assert.equal(await stateOf(live, alice), 'invalid', 'from a list that it did not know')
  })
  assert.equal(await stateOf(live, bob), 'found')
  await live.revocations?.revoke({ by: 'id', id: 'of-bob' })
  await withinASecond(async () => assert.equal(await stateOf(ahead, bob), 'invalid'))
})

test('without Redis sealed cookies cannot be revoked', async () => {
  const store = await createSessionStore(sessionOptions(), {
    clock,
    log: recordedLog(),
    observe: () => {},
  })
  assert.equal(store.revocations, undefined)
  assert.equal(store.directory, undefined)
})
