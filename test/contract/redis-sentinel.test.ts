// Redis behind Sentinels, for real: how it is found, and a failover under load.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { RedisSecrets } from '../../src/session/stores/redis-client.ts'
import { afterTest } from '../support/cleanup.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { isSessionKey } from '../support/redis.ts'
import { makeRedisCertificates, redisTlsOptions } from '../support/redis-certificates.ts'
import { startSentinels, type RunningSentinels } from '../support/redis-sentinel.ts'
import { signInAll, startSessionLoad } from '../support/session-load.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog } from '../support/sessions.ts'
import { trusting } from '../support/trusting.ts'

function sentinelOptions(sentinels: RunningSentinels): Partial<SessionStoreOptions> {
  return {
    session_store_type: 'redis',
    redis_use_sentinel: true,
    redis_sentinel_master_name: sentinels.masterName,
    redis_sentinel_password: new Secret(sentinels.sentinelPassword),
    redis_sentinel_connection_urls: sentinels.urls,
  }
}

async function openStore(
  t: TestContext,
  changes: Partial<SessionStoreOptions>,
  redisSecrets?: () => RedisSecrets,
) {
  const clock = fakeClock()
  const log = recordedLog()
  const deps = { clock, log, observe: () => {}, ...(redisSecrets && { redisSecrets }) }
  const store = await createSessionStore(sessionOptions(changes), deps)
  afterTest(t, () => store.close())
  return { store, clock, log }
}

for (const tls of [false, true]) {
  test(`SEC-48: a failover ends no session and gives no wrong answer, under load${tls ? ', over TLS' : ''}`, async (t) => {
    const certificates = tls ? await makeRedisCertificates(t) : undefined
    const sentinels = await startSentinels(t, certificates)
    if (!sentinels) return
    const options = {
      ...sentinelOptions(sentinels),
      ...(certificates && redisTlsOptions(certificates)),
    }
    const { store, clock, log } = await openStore(t, options)
    const other = await openStore(t, options)
    await eventually(() => store.ping())
    await eventually(() => other.store.ping())
    const people = await signInAll(store, 10)
    const [leaver] = await signInAll(store, 1)
    assert.ok(leaver)
    await store.remove(leaver.browser.request())
    await sentinels.replicated(await sentinels.master.client())

    const load = startSessionLoad(t, store, people, clock)
    await eventually(() => {
      assert.ok(load.counts.refreshed > 100)
    })
    const startedAt = performance.now()
    await sentinels.master.stop()
    await eventually(() => {
      assert.ok(load.counts.unavailable > 0)
    })
    const before = load.counts.refreshed
    await eventually(
      () => {
        assert.ok(load.counts.refreshed > before + 100)
      },
      { timeoutMs: 60_000 },
    )
    t.diagnostic(
      `${load.counts.unavailable} attempts in vain, ${Math.round(performance.now() - startedAt)} ms`,
    )
    await load.stop()

    await eventually(() => other.store.ping())
    for (const { browser } of people) {
      assert.equal((await other.store.load(browser.request())).state, 'found')
    }
    assert.equal((await other.store.load(leaver.browser.request())).state, 'invalid')
    assert.match(await (await sentinels.replica.client()).info('replication'), /role:master/)

    // And what changes there reaches other replicas: once more by Redis' own word.
    const [person] = people
    assert.ok(person)
    await trusting(other, person.browser.request())
    await store.remove(person.browser.request())
    await eventually(async () => {
      assert.equal((await other.store.load(person.browser.request())).state, 'invalid')
    })
    assert.doesNotMatch(JSON.stringify(log.lines), /of-redis|of-the-sentinels/)
  })
}

test('the last URL of the Sentinels names the database, and a dead Sentinel is passed over', async (t) => {
  const sentinels = await startSentinels(t)
  if (!sentinels) return
  const urls = ['redis://127.0.0.1:1', ...sentinels.urls.map((url) => `${url}/5`)]
  const { store } = await openStore(t, {
    ...sentinelOptions(sentinels),
    redis_sentinel_connection_urls: urls,
  })
  await eventually(() => store.ping())
  await signInAll(store, 1)
  const client = await sentinels.master.client()
  assert.deepEqual(await client.keys('*'), [])
  await client.select(5)
  assert.equal((await client.keys('*')).filter(isSessionKey).length, 1)
})

test('SEC-48: Sentinels that let nobody in are unavailable until their password is known', async (t) => {
  const sentinels = await startSentinels(t)
  if (!sentinels) return
  let [ofSentinels, ofRedis] = ['not-this-one', 'nor-this-one']
  const { store, log } = await openStore(t, sentinelOptions(sentinels), () => ({
    redis_sentinel_password: new Secret(ofSentinels),
    redis_password: new Secret(ofRedis),
    redis_connection_url: '',
  }))
  await eventually(() => assert.rejects(store.ping(), /no Sentinel names sessions: .*WRONGPASS/))
  ofSentinels = sentinels.sentinelPassword
  await eventually(() => assert.rejects(store.ping(), /not connected \(WRONGPASS/))
  ofRedis = 'of-redis'
  await eventually(() => store.ping())
  assert.doesNotMatch(JSON.stringify(log.lines), /this-one|of-redis|of-the-sentinels/)
})

test('SEC-48: Sentinels without trust, ours or theirs, are unavailable and said so once', async (t) => {
  const certificates = await makeRedisCertificates(t)
  const sentinels = await startSentinels(t, certificates)
  if (!sentinels) return
  const ours = redisTlsOptions(certificates)
  const theirs = redisTlsOptions(await makeRedisCertificates(t))
  for (const [tls, cause] of [
    [{ ...ours, redis_ca_path: theirs.redis_ca_path }, /self-signed certificate/],
    [{ redis_ca_path: theirs.redis_ca_path }, /self-signed certificate/],
    [{ redis_ca_path: ours.redis_ca_path }, /alert|reset/i],
    [{ ...theirs, redis_ca_path: ours.redis_ca_path }, /alert|reset/i],
  ] as const) {
    const { store, log } = await openStore(t, { ...sentinelOptions(sentinels), ...tls })
    await eventually(() => assert.rejects(store.ping(), cause))
    // A refused handshake may end in more than one error, and all of them must be heard.
    await sleep(1_000)
    await assert.rejects(store.ping(), cause)
    const causes = log.lines.map(({ event, fields }) => `${event} ${JSON.stringify(fields)}`)
    if (cause.source.startsWith('self')) assert.equal(new Set(causes).size, causes.length)
    assert.doesNotMatch(JSON.stringify(log.lines), /of-redis|of-the-sentinels/)
  }
})
