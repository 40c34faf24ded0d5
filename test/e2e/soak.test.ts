// People work while replicas restart, Redis hangs and fails over, secrets and keys rotate and sessions are revoked.
// `npm run soak` takes ten minutes; SOAK_SECONDS says how long.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../support/eventually.ts'
import { alice, startProvider, type ProviderUser } from '../support/provider.ts'
import { startSentinels } from '../support/redis-sentinel.ts'
import { signIn } from '../support/sign-in.ts'
import { adminToken, secretFile, startReplica, type Replica } from '../support/soak/site.ts'
import { startTraffic, type Person } from '../support/soak/traffic.ts'
import { createUserAgent } from '../support/user-agent.ts'

const durationMs = Number(process.env['SOAK_SECONDS'] ?? '25') * 1000
const users: readonly ProviderUser[] = Array.from({ length: 12 }, (_, index) => ({
  ...alice,
  sub: `person-${index}`,
  email: `person-${index}@example.com`,
}))

async function cookieOf(replica: Replica, user: ProviderUser): Promise<string> {
  const agent = createUserAgent()
  await signIn(agent, `${replica.url}/oauth2/start?rd=/oauth2/userinfo`, user)
  const header = agent.cookies.header(new URL(replica.url)) ?? ''
  // Cookies know no ports: those of the provider are here, too.
  const [cookie] = /_oauth2_proxy=[\w-]+/.exec(header) ?? []
  assert.ok(cookie, header)
  return cookie
}

test('nobody is signed out or let in by mistake, whatever happens', async (t) => {
  const sentinels = await startSentinels(t)
  if (!sentinels) return
  let redis = sentinels.master
  const provider = await startProvider(t, { users, ttl: { AccessToken: 30 } })
  const secrets = secretFile(t)
  const store = {
    session_store_type: 'redis',
    redis_use_sentinel: true,
    redis_sentinel_master_name: sentinels.masterName,
    redis_sentinel_password: sentinels.sentinelPassword,
    redis_sentinel_connection_urls: sentinels.urls,
  }
  const replicas = await Promise.all(
    Array.from({ length: 3 }, () => startReplica(t, provider, store, secrets.path)),
  )
  const [first, second, third] = replicas as [Replica, Replica, Replica]
  const people: Person[] = []
  for (const user of users) {
    const cookie = await cookieOf(first, user)
    people.push({ name: user.email, sub: user.sub, cookie, revokedAt: undefined })
  }

  /** Resolves when every replica uses what was written. */
  async function reloaded(write: () => void): Promise<void> {
    const before = replicas.map(({ reloads }) => reloads())
    write()
    await eventually(() => {
      for (const [index, { reloads }] of replicas.entries()) assert.ok(reloads() > before[index]!)
    })
  }
  /** Resolves when every replica reaches its store. */
  async function ready(): Promise<void> {
    await eventually(
      async () => {
        for (const { url } of replicas) assert.equal((await fetch(`${url}/ready`)).status, 200)
      },
      { timeoutMs: 60_000 },
    )
  }
  let nextPerson = 0
  const revocationsMs: number[] = []
  const disturbances: Readonly<Record<string, () => Promise<void>>> = {
    'a replica restarts': () => second.restart('SIGTERM'),
    async 'a replica is killed'() {
      // Between the provider's answer and the store it would take new tokens with it: nobody can mend that.
      provider.setDown(true)
      await sleep(500)
      const restarted = third.restart('SIGKILL')
      provider.setDown(false)
      await restarted
    },
    async 'Redis hangs for longer than a command may take'() {
      redis.freeze()
      await sleep(800)
      redis.thaw()
    },
    async 'Redis fails over'() {
      if (redis !== sentinels.master) return
      const client = await redis.client()
      // Replication is asynchronous: what was not replicated is lost, whoever asks.
      await client.call('CLIENT', 'PAUSE', '5000', 'WRITE')
      await sentinels.replicated(client)
      await redis.stop()
      redis = sentinels.replica
      const successor = await redis.client()
      await eventually(
        async () => assert.match(await successor.info('replication'), /role:master/),
        { timeoutMs: 60_000 },
      )
    },
    async 'a session is revoked, and its person signs in again'() {
      const index = nextPerson++ % users.length
      const [person, user] = [people[index]!, users[index]!]
      const headers = { authorization: `Bearer ${adminToken}` }
      const url = `${first.adminUrl}/sessions?user=${user.sub}`
      // Refused from now on, and surely so once it is answered.
      person.revokedAt = Infinity
      const answer = await fetch(url, { method: 'DELETE', headers })
      assert.equal(answer.status, 200, await answer.text())
      person.revokedAt = performance.now()
      await eventually(
        async () => {
          for (const { url: place } of replicas) {
            const check = await fetch(`${place}/oauth2/auth`, {
              headers: { cookie: person.cookie },
            })
            assert.equal(check.status, 401)
          }
        },
        { intervalMs: 5 },
      )
      revocationsMs.push(performance.now() - person.revokedAt)
      await sleep(1_500)
      person.cookie = await cookieOf(second, user)
      person.revokedAt = undefined
    },
    async 'the provider is away for three seconds'() {
      provider.setDown(true)
      await sleep(3_000)
      provider.setDown(false)
    },
    async 'the provider has a new key'() {
      provider.rotateKeys()
      await sleep(1_000)
    },
    async 'the cookie secret rotates'() {
      await reloaded(secrets.add)
      await reloaded(secrets.promote)
    },
  }

  const traffic = startTraffic(t, people, replicas)
  const end = performance.now() + durationMs
  const happened: string[] = []
  for (let round = 0; performance.now() < end; round += 1) {
    for (const [name, disturb] of Object.entries(disturbances)) {
      if (round > 0 && performance.now() > end) break
      traffic.now(name)
      await disturb()
      await ready()
      happened.push(name)
      await sleep(1_000)
    }
  }
  const { unexplained, ...counts } = await traffic.stop()
  t.diagnostic(`${happened.length} disturbances, ${JSON.stringify(counts)}`)
  t.diagnostic(`revoked everywhere after ${revocationsMs.map(Math.round).join(', ')} ms`)
  if (unexplained.length > 0) {
    for (const { complaints } of replicas)
      t.diagnostic(
        complaints()
          .map((line) => JSON.stringify(line))
          .join('\n'),
      )
  }
  assert.deepEqual(unexplained, [])
  assert.ok(counts.allowed > 1_000, JSON.stringify(counts))
})
