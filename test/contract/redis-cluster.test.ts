// A Redis cluster, for real: slots that move, nodes that join and one that dies, under load.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import { Unavailable } from '../../src/core/errors.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { RedisSecrets } from '../../src/session/stores/redis-client.ts'
import { afterTest } from '../support/cleanup.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { makeRedisCertificates, redisTlsOptions } from '../support/redis-certificates.ts'
import { startRedisCluster, type ClusterNode } from '../support/redis-cluster.ts'
import { signInAll, startSessionLoad, type SessionLoad } from '../support/session-load.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog } from '../support/sessions.ts'
import { trusting } from '../support/trusting.ts'

async function openStore(
  t: TestContext,
  url: string,
  changes: Partial<SessionStoreOptions> = {},
  redisSecrets?: () => RedisSecrets,
) {
  const clock = fakeClock()
  const options = sessionOptions({
    session_store_type: 'redis',
    redis_use_cluster: true,
    redis_cluster_connection_urls: [url],
    session_cache_time: 1e9,
    ...changes,
  })
  const deps = { clock, log: recordedLog(), observe: () => {} }
  const store = await createSessionStore(options, {
    ...deps,
    ...(redisSecrets && { redisSecrets }),
  })
  afterTest(t, () => store.close())
  await eventually(() => store.ping())
  return { store, clock }
}

async function refreshes(load: SessionLoad, count: number): Promise<void> {
  const before = load.counts.refreshed
  await eventually(
    () => {
      assert.ok(load.counts.refreshed >= before + count)
    },
    { timeoutMs: 60_000 },
  )
}

/** The slots that hold anything on this node. */
async function slotsOf({ client }: ClusterNode): Promise<readonly number[]> {
  const keys = await client.keys('*')
  const slots = await Promise.all(keys.map((key) => client.cluster('KEYSLOT', key)))
  return [...new Set(slots.map(Number))]
}

test('SEC-48: slots that move under load, also to a node that joined, lose no session', async (t) => {
  // Nobody dies here, however busy the machine is.
  const cluster = await startRedisCluster(t, { nodeTimeoutMs: 15_000 })
  if (!cluster) return
  const { store, clock } = await openStore(t, cluster.url)
  const replica = await openStore(t, cluster.url)
  const people = await signInAll(store, 20)
  await trusting(replica, ...people.map(({ browser }) => browser.request()))
  const load = startSessionLoad(t, store, people, clock)
  await refreshes(load, 100)
  const joined = await cluster.join()
  assert.ok(joined)
  const [first, second] = cluster.masters
  assert.ok(first && second)
  let moved = 0
  for (const [from, to] of [
    [first, joined],
    [second, first],
    [joined, second],
  ] as const) {
    for (const slot of await slotsOf(from)) {
      await cluster.moveSlot(slot, from, to)
      moved += 1
    }
    await refreshes(load, 20)
  }
  await load.stop()
  assert.ok(moved > 3)
  assert.equal(load.counts.unavailable, 0, 'and none had to wait for it')

  // Wherever the sessions are by now, the other replica hears of them.
  await trusting(replica, ...people.map(({ browser }) => browser.request()))
  for (const { browser } of people) {
    const request = browser.request()
    await store.remove(request)
    await eventually(async () => {
      assert.equal((await replica.store.load(request)).state, 'invalid')
    })
  }
})

for (const tls of [false, true]) {
  test(`SEC-48: a node that dies is unavailable until its replica stands in, and loses no session${tls ? ', over TLS' : ''}`, async (t) => {
    const certificates = tls ? await makeRedisCertificates(t) : undefined
    const cluster = await startRedisCluster(t, { certificates })
    if (!cluster) return
    const [, second] = cluster.masters
    assert.ok(second)
    assert.ok(await cluster.replicaOf(second))
    const options = certificates && redisTlsOptions(certificates)
    const { store, clock } = await openStore(t, cluster.url, options)
    const other = await openStore(t, cluster.url, options)
    const people = await signInAll(store, 20)
    assert.ok((await slotsOf(second)).length > 0)
    const load = startSessionLoad(t, store, people, clock)
    await refreshes(load, 100)
    await second.server.stop()
    await eventually(() => {
      assert.ok(load.counts.unavailable > 0)
    })
    // All of them: those of the dead node, too.
    await eventually(
      async () => {
        for (const { browser } of people) {
          assert.equal((await other.store.load(browser.request())).state, 'found')
        }
      },
      { timeoutMs: 60_000 },
    )
    await refreshes(load, 100)
    await load.stop()
    t.diagnostic(`${load.counts.unavailable} attempts in vain`)
    await trusting(other, ...people.map(({ browser }) => browser.request()))
    for (const { browser } of people) {
      const request = browser.request()
      await store.remove(request)
      await eventually(async () => {
        assert.equal((await other.store.load(request)).state, 'invalid')
      })
    }
  })
}

test('SEC-48: a new password is followed on every node, also by the channel of changes', async (t) => {
  const cluster = await startRedisCluster(t)
  if (!cluster) return
  let password = ''
  const secrets = () => ({
    redis_password: new Secret(password),
    redis_sentinel_password: new Secret(''),
    redis_connection_url: '',
  })
  const site = await openStore(t, cluster.url, {}, secrets)
  const people = await signInAll(site.store, 20)
  const requests = people.map(({ browser }) => browser.request())
  const states = () => Promise.all(requests.map(async (request) => site.store.reload(request)))
  await trusting(site, ...requests)
  for (const { client } of cluster.masters) {
    await client.config('SET', 'requirepass', 'another')
    await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  }
  await eventually(() => assert.rejects(states, Unavailable))
  password = 'another'
  await eventually(async () => {
    for (const { state } of await states()) assert.equal(state, 'found')
  })
  await trusting(site, ...requests)
})

test('SEC-30: sessions on all nodes are listed and revoked, those in cookies too', async (t) => {
  const cluster = await startRedisCluster(t)
  if (!cluster) return
  const { store } = await openStore(t, cluster.url)
  const people = await signInAll(store, 40)
  assert.equal((await store.directory?.list({ by: 'all' }))?.length, 40)
  assert.equal((await store.directory?.list({ by: 'id', id: 'session-7' }))?.length, 1)
  const ended = await store.directory?.revoke({ by: 'user', user: 'alice@example.com' })
  assert.equal(ended?.length, 40)
  for (const { browser } of people) {
    assert.equal((await store.reload(browser.request())).state, 'invalid')
  }
  for (const { client } of cluster.masters) assert.deepEqual(await client.keys('*'), [])

  const options = sessionOptions({
    redis_use_cluster: true,
    redis_cluster_connection_urls: [cluster.url],
  })
  const sealed = await createSessionStore(options, {
    clock: fakeClock(),
    log: recordedLog(),
    observe: () => {},
  })
  afterTest(t, () => sealed.close())
  await eventually(() => sealed.ping())
  const [person] = await signInAll(sealed, 1)
  assert.ok(person)
  await sealed.revocations?.revoke({ by: 'all' })
  assert.equal((await sealed.load(person.browser.request())).state, 'invalid')
})
