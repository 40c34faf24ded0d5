// What a session store leaves in Redis, and where.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import { createTicketBook } from '../../src/session/ticket.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { afterTest } from '../support/cleanup.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { temporaryFolder } from '../support/process.ts'
import { isSessionKey, startRedis } from '../support/redis.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog, someSession } from '../support/sessions.ts'

async function openStore(t: TestContext, changes: Partial<SessionStoreOptions>) {
  const clock = fakeClock()
  const options = sessionOptions({ session_store_type: 'redis', ...changes })
  const log = recordedLog()
  const calls: string[] = []
  const observe = (operation: string, result: string) => calls.push(`${operation}: ${result}`)
  const store = await createSessionStore(options, { clock, log, observe })
  afterTest(t, () => store.close())
  await eventually(() => store.ping())
  return { store, clock, log, calls, browser: createBrowserCookies() }
}

test('SEC-31: Redis holds ciphertext under hashed keys, and nothing of the user', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, browser } = await openStore(t, { redis_connection_url: redis.url })
  const session = someSession()
  browser.take(await store.create(session, browser.request()))
  const refreshed = { ...session, generation: 1 }
  assert.deepEqual(await store.replace(refreshed, browser.request(), session), [])
  const client = await redis.client()
  const keys = await client.keys('*')
  assert.equal(keys.filter(isSessionKey).length, 1)
  const { accessToken, idToken, refreshToken } = session.tokens
  const { user, email, preferredUsername, groups } = session.identity
  const { address, userAgent } = session.browser
  const ofPerson = [user, email, preferredUsername, ...groups, address, userAgent]
  const secrets = [accessToken, idToken, refreshToken, session.providerSid, ...ofPerson]
  const cookie = browser.kept.get('_oauth2_proxy') ?? ''
  for (const key of keys) {
    assert.match(key, /^_oauth2_proxy-([0-9a-f]{64}|list-[0-9a-f]{64}|card-session-1)$/)
    const isList = (await client.type(key)) === 'zset'
    const value = isList
      ? (await client.zrange(key, '0', '-1')).join()
      : ((await client.getBuffer(key))?.toString('latin1') ?? '')
    if (isList) assert.equal(value, session.id)
    else assert.ok(value.length > 100)
    for (const secret of [...secrets, cookie]) {
      assert.ok(!value.includes(secret) && !key.includes(secret), `${secret} in ${key}`)
    }
  }
})

test('SEC-31: a value under the key of another session opens nothing', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, browser } = await openStore(t, { redis_connection_url: redis.url })
  const client = await redis.client()
  browser.take(await store.create(someSession(), browser.request()))
  const [victim = ''] = (await client.keys('*')).filter(isSessionKey)
  const attacker = createBrowserCookies()
  attacker.take(await store.create(someSession({ id: 'other' }), attacker.request()))
  const [own = ''] = (await client.keys('*')).filter((key) => isSessionKey(key) && key !== victim)
  await client.copy(victim, own, 'REPLACE')
  assert.deepEqual(await store.load(attacker.request()), { state: 'invalid' })
})

test('a key lives as long as its session, through a refresh too', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, clock, browser } = await openStore(t, { redis_connection_url: redis.url })
  const client = await redis.client()
  const ttlOf = async () => client.pttl((await client.keys('*')).find(isSessionKey) ?? '')
  const session = someSession({ expiresAt: clock.now() + 3_600_000 })
  browser.take(await store.create(session, browser.request()))
  const first = await ttlOf()
  assert.ok(first > 3_540_000 && first <= 3_600_000, String(first))
  clock.advance(1_800_000)
  const refreshed = { ...session, generation: 1, expiresAt: clock.now() + 86_400_000 }
  await store.replace(refreshed, browser.request(), session)
  const second = await ttlOf()
  assert.ok(second > 1_740_000 && second <= 1_800_000, String(second))
})

test('a key of an idle session goes, however long the session may last', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const changes = { redis_connection_url: redis.url, session_idle_timeout: 600_000 }
  const { store, clock, browser } = await openStore(t, changes)
  const client = await redis.client()
  const ttlOf = async () => client.pttl((await client.keys('*')).find(isSessionKey) ?? '')
  const session = someSession({ expiresAt: 0 })
  browser.take(await store.create(session, browser.request()))
  const first = await ttlOf()
  assert.ok(first > 1_140_000 && first <= 1_200_000, String(first))
  clock.advance(500_000)
  const refreshed = { ...session, generation: 1, refreshedAt: clock.now() }
  await store.replace(refreshed, browser.request(), session)
  const refreshedMs = await ttlOf()
  assert.ok(refreshedMs > 640_000 && refreshedMs <= 700_000, 'a refresh is no activity')
  await store.touch(session, browser.request(), clock.now())
  assert.ok((await ttlOf()) > 1_140_000, 'activity is')
})

test('a session without an end has a key without one', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, browser } = await openStore(t, { redis_connection_url: redis.url })
  browser.take(await store.create(someSession({ expiresAt: 0 }), browser.request()))
  await store.replace(someSession({ generation: 1 }), browser.request(), someSession())
  const client = await redis.client()
  assert.deepEqual(await client.pttl((await client.keys('*')).find(isSessionKey) ?? ''), -1)
})

test('cards and lists live as long as the sessions that they tell of', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, clock } = await openStore(t, { redis_connection_url: redis.url })
  for (const hours of [2, 1]) {
    const session = someSession({ id: `${hours}`, expiresAt: clock.now() + hours * 3_600_000 })
    await store.create(session, createBrowserCookies().request())
  }
  const client = await redis.client()
  const keys = await client.keys('*')
  assert.ok(keys.length > 6)
  for (const key of keys) {
    const ttlMs = await client.pttl(key)
    assert.ok(ttlMs > 0 && ttlMs <= 7_200_000, `${key} ${ttlMs}`)
    if (key.includes('-list-') && (await client.zcard(key)) === 2) assert.ok(ttlMs > 3_600_000)
  }
})

test('a sign-out leaves nothing behind', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, browser } = await openStore(t, { redis_connection_url: redis.url })
  browser.take(await store.create(someSession(), browser.request()))
  await store.remove(browser.request())
  assert.deepEqual(await (await redis.client()).keys('*'), [])
})

test('one process at a time has the turn to refresh a session', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = await openStore(t, { redis_connection_url: redis.url })
  const { store: replica } = await openStore(t, { redis_connection_url: redis.url })
  const session = someSession()
  const endTurn = await store.takeRefreshTurn(session)
  assert.equal(await replica.takeRefreshTurn(session), undefined)
  assert.equal(await store.takeRefreshTurn(session), undefined)
  assert.ok(await replica.takeRefreshTurn(someSession({ id: 'other' })))
  const client = await redis.client()
  const key = `_oauth2_proxy-refresh-${session.id}`
  const leftMs = await client.pttl(key)
  assert.ok(leftMs > 5_000 && leftMs <= 10_000, 'it ends by itself')
  await endTurn?.()
  assert.equal(await client.exists(key), 0)
  assert.ok(await replica.takeRefreshTurn(session))
  await endTurn?.()
  assert.equal(await client.exists(key), 1, 'the turn of another one stays')
})

test('a session that a replica of the version before refreshed is not written over', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, clock, browser } = await openStore(t, { redis_connection_url: redis.url })
  const client = await redis.client()
  const base = someSession({ generation: 3, activeAt: clock.now() + 1 })
  browser.take(await store.create(base, browser.request()))

  // It knows neither generation nor activity, and writes over whatever is there.
  const cookie = browser.kept.get('_oauth2_proxy') ?? ''
  const ticket = createTicketBook(['a cookie secret of 32 bytes here'], '_oauth2_proxy').open(
    cookie,
  )
  assert.ok(ticket)
  const before = { i: base.id, rt: 'refresh-2', c: base.createdAt, r: base.refreshedAt + 5 }
  const value = Buffer.from(`\x01\x00${JSON.stringify(before)}`)
  await client.set(ticket.storeKey, ticket.seal(value), 'XX')

  const late = { ...base, generation: 4, refreshedAt: base.refreshedAt + 9 }
  assert.equal(await store.replace(late, browser.request(), base), undefined)
  const found = await store.reload(browser.request())
  assert.ok(found.state === 'found')
  assert.equal(found.session.tokens.refreshToken, 'refresh-2')
  assert.equal(found.session.activeAt, base.refreshedAt + 5)
  const next = { ...found.session, generation: 1, refreshedAt: clock.now() + 60_000 }
  assert.deepEqual(await store.replace(next, browser.request(), found.session), [])
})

test('a turn lasts as long as its holder lives, and is never renewed for another', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, log } = await openStore(t, { redis_connection_url: redis.url })
  const session = someSession()
  const endTurn = await store.takeRefreshTurn(session)
  assert.ok(endTurn)
  const client = await redis.client()
  const key = `_oauth2_proxy-refresh-${session.id}`
  await client.pexpire(key, 4_500)
  await eventually(async () => assert.ok((await client.pttl(key)) > 4_500, 'it was renewed'))
  await client.set(key, 'of another', 'PX', 60_000)
  await eventually(() =>
    assert.ok(log.lines.some(({ event }) => event === 'lock lost while it was held')),
  )
  assert.equal(await client.get(key), 'of another')
  await endTurn()
  assert.equal(await client.get(key), 'of another')
})

test('a turn is kept through a short outage of Redis', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const changes = { redis_connection_url: redis.url, store_timeout: 300 }
  const { store, calls } = await openStore(t, changes)
  const endTurn = await store.takeRefreshTurn(someSession())
  redis.freeze()
  await eventually(() => assert.ok(calls.includes('renew: error')))
  redis.thaw()
  await eventually(() => assert.ok(calls.includes('renew: ok')))
  assert.equal(await store.takeRefreshTurn(someSession()), undefined)
  await endTurn?.()
  assert.ok(await store.takeRefreshTurn(someSession()))
})

test('a turn that cannot be ended is left to end by itself', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store } = await openStore(t, { redis_connection_url: redis.url, store_timeout: 100 })
  const endTurn = await store.takeRefreshTurn(someSession())
  redis.freeze()
  assert.ok(endTurn)
  await endTurn()
})

test('uses the database of the URL', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { store, browser } = await openStore(t, { redis_connection_url: `${redis.url}/3` })
  browser.take(await store.create(someSession(), browser.request()))
  const client = await redis.client()
  assert.deepEqual(await client.keys('*'), [])
  await client.select(3)
  assert.equal((await client.keys('*')).filter(isSessionKey).length, 1)
})

test('reaches a server by its unix socket', async (t) => {
  const socket = join(temporaryFolder(t), 'redis.sock')
  const redis = await startRedis(t, { args: ['--unixsocket', socket] })
  if (!redis) return
  const { store, browser } = await openStore(t, { redis_connection_url: `unix://${socket}` })
  browser.take(await store.create(someSession(), browser.request()))
  assert.equal((await store.load(browser.request())).state, 'found')
})
