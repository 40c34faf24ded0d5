// That replicas hear of every change of a session in Redis, and what they do when they do not.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { test, type TestContext } from 'node:test'
import { createSessionStore } from '../../src/session/create-session-store.ts'
import type { CookieContext, LoadedSession, SessionStore } from '../../src/session/store.ts'
import { createBrowserCookies } from '../support/browser-cookies.ts'
import { afterTest } from '../support/cleanup.ts'
import { fakeClock } from '../support/clock.ts'
import { eventually } from '../support/eventually.ts'
import { isSessionKey, startRedis, type RunningRedis } from '../support/redis.ts'
import { sessionOptions } from '../support/session-options.ts'
import { recordedLog, someSession } from '../support/sessions.ts'
import { trusting } from '../support/trusting.ts'

/** Two replicas that share a Redis and a clock that stands still, and a browser signed in. */
async function startReplicas(t: TestContext, redis: RunningRedis, credentials = '') {
  const clock = fakeClock()
  const log = recordedLog()
  const options = sessionOptions({
    session_store_type: 'redis',
    redis_connection_url: redis.url.replace('//', `//${credentials}`),
    session_cache_time: 1e9,
  })
  const open = async () => {
    const store = await createSessionStore(options, { clock, log, observe: () => {} })
    afterTest(t, () => store.close())
    await eventually(() => store.ping())
    return store
  }
  const [one, two] = [await open(), await open()]
  const browser = createBrowserCookies()
  browser.take(await one.create(someSession(), browser.request()))
  return { one, two, clock, log, browser, client: await redis.client() }
}

/** The answer if the store has it in memory; else it is asked for, and undefined. */
function known(store: SessionStore, request: CookieContext): LoadedSession | undefined {
  const loaded = store.load(request)
  if (!(loaded instanceof Promise)) return loaded
  loaded.catch(() => undefined)
  return undefined
}

/** The session after so many refreshes. */
const version = (generation: number) => someSession({ generation })

function versionOf(loaded: LoadedSession | undefined): number | undefined {
  return loaded?.state === 'found' ? loaded.session.generation : undefined
}

const changes: Record<
  string,
  (site: Awaited<ReturnType<typeof startReplicas>>, key: string) => Promise<unknown>
> = {
  'a sign-out': ({ one, browser }) => one.remove(browser.request()),
  'a session that an operator revokes': ({ one }) =>
    one.directory?.revoke({ by: 'all' }) ?? Promise.reject(new Error('no directory')),
  'a key that an operator deletes': ({ client }, key) => client.del(key),
  'a key that expires': ({ client }, key) => client.pexpire(key, 1),
  'an eviction': async ({ client }) => {
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru')
    await client.config('SET', 'maxmemory', '1')
    await client.set('more', 'x').catch(() => undefined)
  },
  'a flush': ({ client }) => client.flushdb(),
}

for (const [name, change] of Object.entries(changes)) {
  test(`SEC-30: ${name} reaches the other replica`, async (t) => {
    const redis = await startRedis(t)
    if (!redis) return
    const site = await startReplicas(t, redis)
    const { two, client } = site
    const request = site.browser.request()
    await trusting({ store: two, clock: site.clock }, request)
    const [key = ''] = (await client.keys('*')).filter(isSessionKey)
    await change(site, key)
    await eventually(async () => {
      assert.equal((await two.load(request)).state, 'invalid')
    })
  })
}

test('a refresh reaches the other replica, and what it reads then is kept again', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  const { one, two } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)
  await one.replace(version(1), request, version(0))
  await eventually(() => {
    assert.equal(versionOf(known(two, request)), 1)
  })
})

test('SEC-30: while Redis cannot tell of changes, a copy counts for a moment only', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  const { two, clock, log, client } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)

  await client.acl('SETUSER', 'default', '-client|tracking')
  await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  const refusals = () => log.lines.filter(({ event }) => event.includes('does not tell'))
  await eventually(() => {
    assert.deepEqual(refusals()[0]?.fields, { cause: 'NOPERM' })
  })
  await two.load(request)
  await two.load(request)
  assert.equal(known(two, request)?.state, 'found')
  clock.advance(900)
  assert.equal(known(two, request), undefined)

  await client.acl('SETUSER', 'default', '+client|tracking')
  // Both connections come back; that of the changes asks again.
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await trusting({ store: two, clock: site.clock }, request)
  assert.ok(log.lines.some(({ event }) => event === 'redis tells of changed sessions again'))
})

test('the ACL user of docs/redis.md may do all that is needed', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const documented = /ACL SETUSER (.*\n.*)\n/.exec(readFileSync('docs/redis.md', 'utf8'))?.[1] ?? ''
  const client = await redis.client()
  await client.call('ACL', 'SETUSER', ...documented.trim().split(/\s+/))
  const site = await startReplicas(t, redis, 'sallyport:secret@')
  const { one, two, log } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)
  await one.replace(version(1), request, version(0))
  const endTurn = await one.takeRefreshTurn(someSession())
  await endTurn?.()
  await one.remove(request)
  await eventually(async () => {
    assert.equal((await two.load(request)).state, 'invalid')
  })
  assert.deepEqual(
    log.lines.filter(({ level }) => level !== 'info'),
    [],
  )
})

test('SEC-30: a Redis that is silent proves nothing, and is heard again once it answers', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  const { two, clock } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)
  redis.freeze()
  clock.advance(900)
  // Whatever was on its way when it froze.
  await eventually(() => {
    clock.advance(900)
    assert.equal(known(two, request), undefined)
  })
  redis.thaw()
  await eventually(() => two.ping())
  await trusting({ store: two, clock: site.clock }, request)
})

test('a Redis that was only late to tell of changes is asked again soon', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  await site.client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
  redis.freeze()
  const told = (event: string) => site.log.lines.filter((line) => line.event === event)
  await eventually(() => {
    const [line] = told('redis does not tell of changed sessions')
    assert.deepEqual(line?.fields, { cause: 'Command timed out' })
  })
  redis.thaw()
  // One that refused is asked again after ten seconds.
  const soon = { timeoutMs: 8_000 }
  await eventually(
    () => assert.ok(told('redis tells of changed sessions again').length > 0, 'again'),
    soon,
  )
})

test('the channel follows the connection that is asked: after a failover it may lead elsewhere', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  const { client, two } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)
  const channels = async () =>
    String(await client.client('LIST')).match(/^id=\d+(?=.* sub=1 )/gm) ?? []
  const before = await channels()
  assert.equal(before.length, 2)
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal')
  await eventually(async () => {
    const now = await channels()
    assert.equal(now.length, 2)
    assert.ok(now.every((id) => !before.includes(id)))
  })
  await trusting({ store: two, clock: site.clock }, request)
})

test('SEC-30: what changed while the channel was down is not missed', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  const { one, two, client } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)
  for (let round = 1; round <= 3; round += 1) {
    await client.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    await one.replace(version(round), request, version(round - 1))
    await trusting({ store: two, clock: site.clock }, request)
    assert.equal(versionOf(known(two, request)), round)
  }
})

test('checks and changes at once: what is remembered never goes back in time', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startReplicas(t, redis)
  const { one, two } = site
  const request = site.browser.request()
  await trusting({ store: two, clock: site.clock }, request)
  const over = new AbortController()
  const remembered: (number | undefined)[] = []
  const watch = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const loaded = two.load(request)
      if (!(loaded instanceof Promise)) remembered.push(versionOf(loaded))
      assert.equal((await loaded).state, 'found')
      await sleep(0)
    }
  }
  const watching = [watch(), watch(), watch()]
  for (let written = 1; written <= 200; written += 1) {
    await one.replace(version(written), request, version(written - 1))
    if (written % 20 === 0) {
      await eventually(() => {
        assert.equal(versionOf(known(two, request)), written)
      })
    }
  }
  over.abort()
  await Promise.all(watching)
  const sorted = remembered.toSorted((a = 0, b = 0) => a - b)
  assert.deepEqual(remembered, sorted)
  assert.equal(sorted.at(-1), 200)
})
