// Cookie secrets rotate in mounted Secrets while people work, replica after replica.
import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { Cleanup } from '../support/cleanup.ts'
import { eventually } from '../support/eventually.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { temporaryFolder } from '../support/process.ts'
import { startProvider } from '../support/provider.ts'
import { startRedis } from '../support/redis.ts'
import { startSallyport, type TomlValue } from '../support/sallyport.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

const a = 'a'.repeat(32)
const b = 'b'.repeat(32)

/** As the kubelet mounts a Secret, and swaps it. */
function mountSecret(t: Cleanup, lines: readonly string[]) {
  const folder = temporaryFolder(t)
  let version = 0
  function put(content: string): void {
    version += 1
    mkdirSync(join(folder, `..${version}`))
    writeFileSync(join(folder, `..${version}`, 'cookie-secret'), content)
    symlinkSync(`..${version}`, join(folder, '..data_tmp'))
    renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  }
  put(lines.join('\n'))
  symlinkSync('..data/cookie-secret', join(folder, 'cookie-secret'))
  return { path: join(folder, 'cookie-secret'), put }
}

async function startReplica(t: Cleanup, options: Readonly<Record<string, TomlValue>>) {
  const secret = mountSecret(t, [a])
  const { cookie_secret: _, ...others } = options
  const running = await startSallyport(t, { ...others, cookie_secret_file: secret.path })
  const told = (msg: string) => running.logs().filter((line) => line.msg === msg).length
  return {
    ...running,
    told,
    put: secret.put,
    /** Resolves once it uses them. */
    async rotate(...lines: readonly string[]): Promise<void> {
      const before = told('cookie_secret reloaded')
      secret.put(lines.join('\n'))
      await eventually(() => assert.equal(told('cookie_secret reloaded'), before + 1))
    },
    async signIn(): Promise<string> {
      const agent = createUserAgent()
      await signIn(agent, `${running.url}/oauth2/start?rd=/oauth2/userinfo`)
      return agent.cookies.header(new URL(running.url)) ?? ''
    },
    async check(cookie: string): Promise<number> {
      const answer = await fetch(`${running.url}/oauth2/auth`, { headers: { cookie } })
      await answer.arrayBuffer()
      return answer.status
    },
  }
}

/** Asks again and again, everyone everywhere, until it is ended. */
function startTraffic(checks: () => readonly (() => Promise<number>)[]) {
  const statuses = new Map<number, number>()
  const ending = new AbortController()
  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      for (const status of await Promise.all(checks().map((check) => check()))) {
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
  }
  const running = run()
  return {
    async end(): Promise<ReadonlyMap<number, number>> {
      ending.abort()
      await running
      return statuses
    },
  }
}

async function rotateUnderTraffic(t: Cleanup, store: Readonly<Record<string, TomlValue>>) {
  const provider = await startProvider(t)
  const options = { ...clientOptions(provider), ...store }
  const [one, two] = [await startReplica(t, options), await startReplica(t, options)]
  const old = await one.signIn()
  const people = [old]
  const traffic = startTraffic(() =>
    people.flatMap((cookie) => [() => one.check(cookie), () => two.check(cookie)]),
  )
  // The new one opens everywhere before it seals anywhere.
  await Promise.all([one.rotate(a, b), two.rotate(a, b)])
  one.put('half')
  await one.rotate(b, a)
  people.push(await one.signIn(), await two.signIn())
  await two.rotate(b, a)
  const recent = await two.signIn()
  people.push(recent)
  await eventually(async () => assert.equal(await one.check(recent), 202))
  const statuses = await traffic.end()
  assert.deepEqual([...statuses.keys()], [202], JSON.stringify([...statuses]))

  // Once it is gone, also what the replicas remember of it is.
  await Promise.all([one.rotate(b), two.rotate(b)])
  for (const replica of [one, two]) {
    assert.equal(await replica.check(recent), 202)
    assert.equal(await replica.check(old), 401)
  }
}

test('secrets rotate under traffic without a 401 (cookie store)', (t) =>
  rotateUnderTraffic(t, { session_store_type: 'cookie' }))

test('secrets rotate under traffic without a 401 (redis store)', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  await rotateUnderTraffic(t, { session_store_type: 'redis', redis_connection_url: redis.url })
})
