// Refresh across processes: real Redis, and a provider that takes each refresh token once and ends
// everything when one comes twice.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Secret } from '../../src/lib/secret.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'
import { eventually } from '../support/eventually.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { startProvider } from '../support/provider.ts'
import { startRedis, type RunningRedis } from '../support/redis.ts'
import { makeRedisCertificates, redisTlsOptions } from '../support/redis-certificates.ts'
import { startRedisCluster } from '../support/redis-cluster.ts'
import { startSentinels } from '../support/redis-sentinel.ts'
import { startSallyport, type TomlValue } from '../support/sallyport.ts'
import { signIn } from '../support/sign-in.ts'
import { openStoredSessions } from '../support/stored-session.ts'
import { createUserAgent } from '../support/user-agent.ts'

const hourMs = 3_600_000

/** Where sessions are: options of the processes, and of the test's own look at them. */
interface Place {
  readonly settings: Readonly<Record<string, TomlValue>>
  readonly redis: Partial<SessionStoreOptions>
}

async function standalone(t: TestContext): Promise<(Place & { server: RunningRedis }) | undefined> {
  const server = await startRedis(t)
  const settings = { redis_connection_url: server?.url ?? '' }
  return server && { server, settings, redis: settings }
}

async function behindSentinels(t: TestContext): Promise<Place | undefined> {
  const certificates = await makeRedisCertificates(t)
  const sentinels = await startSentinels(t, certificates)
  if (!sentinels) return undefined
  const { sentinelPassword } = sentinels
  const common = {
    redis_use_sentinel: true,
    redis_sentinel_master_name: sentinels.masterName,
    redis_sentinel_connection_urls: sentinels.urls,
    ...redisTlsOptions(certificates),
  }
  return {
    settings: { ...common, redis_sentinel_password: sentinelPassword },
    redis: { ...common, redis_sentinel_password: new Secret(sentinelPassword) },
  }
}

async function cluster(t: TestContext): Promise<Place | undefined> {
  const certificates = await makeRedisCertificates(t)
  const running = await startRedisCluster(t, { certificates })
  if (!running) return undefined
  const settings = {
    redis_use_cluster: true,
    redis_cluster_connection_urls: [running.url],
    ...redisTlsOptions(certificates),
  }
  return { settings, redis: settings }
}

/** Two processes on one place, and someone who is signed in. */
async function startReplicas(t: TestContext, { settings, redis }: Place) {
  const provider = await startProvider(t)
  const options = {
    ...clientOptions(provider),
    session_store_type: 'redis',
    ...settings,
    cookie_refresh: '1h',
  }
  const replicas = [await startSallyport(t, options), await startSallyport(t, options)] as const
  const [{ url }, other] = replicas
  const agent = createUserAgent()
  await signIn(agent, `${url}/oauth2/start?rd=/oauth2/userinfo`)
  // Both know the provider and its keys: of a refresh only the token request is left to be held.
  await signIn(createUserAgent(), `${other.url}/oauth2/start?rd=/oauth2/userinfo`)
  const cookie = agent.cookies.header(new URL(url)) ?? ''
  const { cookie_secret: cookieSecret = '' } = clientOptions(provider)
  const stored = await openStoredSessions(t, {
    redis,
    cookieSecret: String(cookieSecret),
  })

  return {
    provider,
    replicas,
    stored,
    cookie,
    tokenRequests: () => provider.requests.filter((line) => line === 'POST /token').length,
    /** Statuses of that many checks, all under way at once, on both processes in turn. */
    async checks(count: number): Promise<readonly number[]> {
      const asked = Array.from({ length: count }, async (_, index) => {
        const target = `${replicas[index % 2]?.url}/oauth2/auth`
        return (await createUserAgent().request(target, { headers: { cookie } })).status
      })
      return Promise.all(asked)
    },
  }
}

const all = (count: number, status: number) => Array.from({ length: count }, () => status)

for (const [title, start] of [
  ['one Redis', standalone],
  ['Sentinels, over TLS', behindSentinels],
  ['a cluster, over TLS', cluster],
] as const) {
  test(`200 checks at once on two processes make one token request when the token is over (${title})`, async (t) => {
    const place = await start(t)
    if (!place) return
    const { replicas, stored, cookie, tokenRequests, checks } = await startReplicas(t, place)
    for (let round = 1; round <= 3; round += 1) {
      const before = await stored.read(cookie)
      await stored.change(cookie, { refreshedAt: Date.now() - hourMs, tokenExpiresAt: Date.now() })
      const asked = tokenRequests()
      assert.deepEqual(await checks(200), all(200, 202))
      assert.equal(tokenRequests(), asked + 1)
      const after = await stored.read(cookie)
      assert.notEqual(after.tokens.refreshToken, before.tokens.refreshToken)
      assert.ok(after.tokenExpiresAt > Date.now())
    }
    // And a sign-out at one of them counts at the other.
    await createUserAgent().request(`${replicas[0].url}/oauth2/sign_out`, { headers: { cookie } })
    await eventually(async () => assert.deepEqual(await checks(2), all(2, 401)))
  })
}

test('200 checks at once on two processes make one token request, and wait for none, when one is due', async (t) => {
  const place = await standalone(t)
  if (!place) return
  const site = await startReplicas(t, place)
  const { provider, stored, cookie, tokenRequests, checks } = site
  await stored.change(cookie, { refreshedAt: Date.now() - hourMs })
  const due = await stored.read(cookie)
  const asked = tokenRequests()
  const answer = provider.holdAnswers()
  assert.deepEqual(await checks(200), all(200, 202))
  answer()
  await eventually(async () => {
    assert.ok((await stored.read(cookie)).generation > due.generation)
  })
  assert.deepEqual(await checks(200), all(200, 202))
  assert.equal(tokenRequests(), asked + 1)
})

test('a refresh under way ends well though the process is told to end', async (t) => {
  const place = await standalone(t)
  if (!place) return
  const site = await startReplicas(t, place)
  const { provider, replicas, stored, cookie, tokenRequests, checks } = site
  await stored.change(cookie, { refreshedAt: Date.now() - hourMs })
  const due = await stored.read(cookie)
  const asked = tokenRequests()
  const answer = provider.holdAnswers()
  await checks(1)
  await eventually(() => assert.equal(tokenRequests(), asked + 1))
  const exited = replicas[0].stop('SIGTERM')
  await replicas[0].line(/"msg":"draining"/)
  await eventually(() => assert.rejects(createUserAgent().request(`${replicas[0].url}/ping`)))
  answer()
  assert.equal(await exited, 0)
  assert.ok((await stored.read(cookie)).generation > due.generation)
})

test('tokens that come while Redis hangs are written when it is back, and not fetched again', async (t) => {
  const place = await standalone(t)
  if (!place) return
  const site = await startReplicas(t, place)
  const { provider, replicas, stored, cookie, tokenRequests, checks } = site
  await stored.change(cookie, { refreshedAt: Date.now() - hourMs, tokenExpiresAt: Date.now() })
  const asked = tokenRequests()
  const answer = provider.holdAnswers()
  const waiting = checks(20)
  await eventually(() => assert.equal(tokenRequests(), asked + 1))
  place.server.freeze()
  answer()
  const [holder] = await eventually(() => {
    const failing = replicas.filter((replica) =>
      replica.logs().some(({ result }) => result === 'store-unavailable'),
    )
    assert.ok(failing.length > 0)
    return failing
  })
  assert.ok(holder)
  for (const status of await waiting) assert.ok(status === 202 || status === 503, String(status))
  place.server.thaw()
  await eventually(async () => assert.deepEqual(await checks(20), all(20, 202)))
  assert.equal(tokenRequests(), asked + 1)
  assert.ok((await stored.read(cookie)).tokenExpiresAt > Date.now())
})
