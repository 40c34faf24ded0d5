// `npm run bench:day`: the distinct sessions of a whole day in some minutes. Each is shown a number of
// times, then never again; every answer is compared with what it has to be. docs/performance.md says
// what to look for. Linux only.
import { Agent, request } from 'node:http'
import { parseArgs } from 'node:util'
import { Redis } from 'ioredis'
import { afterTest, type Cleanup, createCleanup } from '../support/cleanup.ts'
import { residentMebibytes } from './process-usage.ts'
import { sallyport } from './programs.ts'
import { table } from './report.ts'
import { startService, type Service } from './service.ts'
import { createSessionMaker, signInAt, spoil, type Person } from './sessions.ts'
import { startSurroundings } from './surroundings.ts'

interface Day {
  readonly store: 'cookie' | 'redis'
  readonly sessions: number
  /** On average. */
  readonly checksEach: number
  /** Sessions in use at a time. */
  readonly live: number
}

const connections = 32
/** Of the checks: one in so many shows a cookie that does not open. */
const spoiledEvery = 50
/** Of the sessions: one in so many ends by a sign-out, and is shown once more. */
const signedOutEvery = 20
const rows = 12

interface Sample {
  readonly sessions: number
  readonly checks: number
  readonly residentMebibytes: number
  readonly reads: number
}

async function run(t: Cleanup, day: Day): Promise<void> {
  const { settings, redisUrl } = await startSurroundings(t)
  const service = await startService(t, sallyport({ fromSource: false, profile: '' }), {
    ...settings,
    session_store_type: day.store,
    ...(day.store === 'redis' && { redis_connection_url: redisUrl }),
  })
  const redis = new Redis(redisUrl)
  afterTest(t, () => redis.disconnect())
  const { makePerson } = await createSessionMaker(t, service, await signInAt(service))
  const ask = createAsker(t, service)
  const samples: Sample[] = []
  const wrong: string[] = []
  let begun = 0
  let checks = 0

  async function sample(): Promise<void> {
    const reads = await readsOf(redis)
    samples.push({
      sessions: begun,
      checks,
      residentMebibytes: residentMebibytes(service.pid),
      reads,
    })
  }

  async function expect(cookieHeader: string, user: string | undefined): Promise<void> {
    checks += 1
    const got = await ask('/oauth2/auth', cookieHeader)
    const isRight =
      user === undefined ? got.status === 401 : got.status === 202 && got.user === user
    if (!isRight) wrong.push(`${got.status} ${got.user} instead of ${user ?? 401}`)
  }

  /** One person's day; others' come in between. */
  async function* dayOf({ user, cookieHeader }: Person, index: number): AsyncGenerator<void> {
    // Some come once, some twice as often as the average.
    const times = 1 + (index % (2 * day.checksEach - 1))
    for (let check = 0; check < times; check += 1) {
      await expect(cookieHeader, user)
      if ((index + check) % spoiledEvery === 0) await expect(spoil(cookieHeader), undefined)
      yield
    }
    if (day.store === 'cookie' || index % signedOutEvery !== 0) return
    await ask('/oauth2/sign_out', cookieHeader)
    await expect(cookieHeader, undefined)
  }

  async function useLane(): Promise<void> {
    const days: AsyncGenerator<void>[] = []
    for (let turn = 0; days.length > 0 || begun < day.sessions; turn += 1) {
      if (begun < day.sessions && days.length < day.live / connections) {
        begun += 1
        if (begun % Math.ceil(day.sessions / rows) === 0) await sample()
        days.push(dayOf(await makePerson(), begun))
      }
      const place = turn % days.length
      const going = days[place]
      if (going === undefined || (await going.next()).done === true) days.splice(place, 1)
    }
  }

  const startedAt = performance.now()
  await Promise.all(Array.from({ length: connections }, useLane))
  await sample()
  const minutes = (performance.now() - startedAt) / 60_000
  console.log(report(day, samples))
  console.log(`\n${checks} checks in ${minutes.toFixed(1)} minutes, ${wrong.length} wrong answers`)
  if (wrong.length > 0) throw new Error(wrong.slice(0, 5).join('\n'))
}

function report({ store }: Day, samples: readonly Sample[]): string {
  const head = ['sessions so far', 'checks', 'MiB', ...(store === 'redis' ? ['hit rate'] : [])]
  return table(
    head,
    samples.map((sample, index) => {
      const before = samples[index - 1] ?? { checks: 0, reads: 0 }
      const hits = 1 - (sample.reads - before.reads) / (sample.checks - before.checks)
      return [
        String(sample.sessions),
        String(sample.checks),
        sample.residentMebibytes.toFixed(0),
        ...(store === 'redis' ? [hits.toFixed(2)] : []),
      ]
    }),
  )
}

/** How often sessions were fetched: what is not fetched was remembered. */
async function readsOf(redis: Redis): Promise<number> {
  const [, calls] = /^cmdstat_get:calls=(\d+)/m.exec(await redis.info('commandstats')) ?? []
  return Number(calls ?? 0)
}

type Ask = (
  path: string,
  cookieHeader: string,
) => Promise<{ readonly status: number; readonly user: string | undefined }>

function createAsker(t: Cleanup, { port }: Service): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  afterTest(t, () => agent.destroy())
  return (path, cookie) =>
    new Promise((resolve, reject) => {
      request({ agent, host: '127.0.0.1', port, path, headers: { cookie } }, (response) => {
        response.resume()
        response.on('end', () => {
          const user = response.headers['x-auth-request-user']
          resolve({ status: response.statusCode ?? 0, user: user?.toString() })
        })
      })
        .on('error', reject)
        .end()
    })
}

function readDay(args: readonly string[]): Day {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: 'string', default: 'redis' },
      sessions: { type: 'string', default: '86400' },
      checks: { type: 'string', default: '20' },
      live: { type: 'string', default: '1000' },
    },
  })
  const { store } = values
  if (store !== 'redis' && store !== 'cookie') throw new Error('--store is redis or cookie')
  return {
    store,
    sessions: Number(values.sessions),
    checksEach: Number(values.checks),
    live: Number(values.live),
  }
}

const cleanup = createCleanup()
try {
  await run(cleanup, readDay(process.argv.slice(2)))
} finally {
  await cleanup.run()
}
