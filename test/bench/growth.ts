// `npm run bench:growth`: what a check costs as sessions, skip rules and providers grow in number;
// how to read it: docs/performance.md. Linux only.
import { type Cleanup, createCleanup } from '../support/cleanup.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { startProvider } from '../support/provider.ts'
import { readArguments, type BenchArguments } from './arguments.ts'
import { sendLoad } from './load.ts'
import { sallyport } from './programs.ts'
import { table } from './report.ts'
import { checkRequest } from './requests.ts'
import { measureInTurns, type Measurement } from './rounds.ts'
import { startService, type Program, type Service, type Settings } from './service.ts'
import { bearerAt, createSessionMaker, signInAt } from './sessions.ts'
import type { Subject } from './subject.ts'
import { startSurroundings, type Surroundings } from './surroundings.ts'

const sessionCounts = [100, 1_000, 10_000, 100_000]
const ruleCounts = [1, 10, 100, 500]
const providerCounts = [1, 2, 5, 10]

interface Growing {
  readonly count: number
  readonly subject: Subject
}

/** Each of the requests may pass; every round goes on where the last one stopped. */
function askedInTurn({ pid, port }: Service, requests: readonly Uint8Array[]): Subject {
  const load = { port, status: 202, keepsConnections: true, requests }
  return { pid, prepare: () => Promise.resolve(load) }
}

/** Live sessions, shown in turn; each has been seen twice, so that it is remembered if there is room. */
async function startWithSessions(
  t: Cleanup,
  program: Program,
  settings: Settings,
  counts: readonly number[],
): Promise<readonly Growing[]> {
  const growing: Growing[] = []
  for (const count of counts) {
    const service = await startService(t, program, settings)
    const { make } = await createSessionMaker(t, service, await signInAt(service))
    const requests = (await make(count)).map((header) => checkRequest('nginx', header))
    const subject = askedInTurn(service, requests)
    await sendLoad(await subject.prepare(2 * count), 2 * count)
    growing.push({ count, subject })
  }
  return growing
}

/** Rules that all have to be tried, as none matches. */
async function startWithRules(
  t: Cleanup,
  program: Program,
  settings: Settings,
): Promise<readonly Growing[]> {
  const growing: Growing[] = []
  for (const count of ruleCounts) {
    const rules = Array.from({ length: count }, (_, index) => `GET=^/app-${index}/(public|assets)/`)
    const service = await startService(t, program, { ...settings, skip_auth_routes: rules })
    const request = checkRequest('nginx', await signInAt(service))
    growing.push({ count, subject: askedInTurn(service, [request]) })
  }
  return growing
}

/** Providers whose tokens are taken (`extra_jwt_issuers`), a token of each in turn. */
async function startWithProviders(
  t: Cleanup,
  program: Program,
  settings: Settings,
): Promise<readonly Growing[]> {
  const tokens: string[] = []
  const issuers: string[] = []
  while (tokens.length < Math.max(...providerCounts)) {
    const provider = await startProvider(t)
    const of = { ...settings, ...clientOptions(provider), set_authorization_header: true }
    const service = await startService(t, program, of)
    tokens.push(await bearerAt(service))
    issuers.push(`${provider.issuer}=${provider.clientId}`)
    await service.stop()
  }
  const growing: Growing[] = []
  for (const count of providerCounts) {
    const extra = { skip_jwt_bearer_tokens: true, extra_jwt_issuers: issuers.slice(0, count) }
    const service = await startService(t, program, { ...settings, ...extra })
    const requests = tokens.slice(0, count).map((token) => checkRequest('nginx', '', token))
    growing.push({ count, subject: askedInTurn(service, requests) })
  }
  return growing
}

/** The subjects in turns, then none of them runs any more. */
async function measure(
  args: BenchArguments,
  start: (t: Cleanup) => Promise<readonly Growing[]>,
): Promise<readonly (Measurement & { readonly count: number })[]> {
  const cleanup = createCleanup()
  try {
    const growing = await start(cleanup)
    const measured = await measureInTurns(
      growing.map(({ subject }) => subject),
      { ...args, send: sendLoad },
    )
    return growing.flatMap(({ count, subject }) => {
      const measurement = measured.get(subject)
      return measurement ? [{ ...measurement, count }] : []
    })
  } finally {
    await cleanup.run()
  }
}

async function run(t: Cleanup, args: BenchArguments): Promise<void> {
  const program = sallyport(args)
  const { settings, redisUrl }: Surroundings = await startSurroundings(t)
  const counts = args.isQuick ? sessionCounts.slice(0, 3) : sessionCounts
  const cookie = await measure(args, (its) => startWithSessions(its, program, settings, counts))
  const stored = { ...settings, session_store_type: 'redis', redis_connection_url: redisUrl }
  const redis = await measure(args, (its) => startWithSessions(its, program, stored, counts))
  // Without tokens, and a cache that holds them all.
  const few = { ...settings, session_cookie_minimal: true, session_cache_size: 256 }
  const small = await measure(args, (its) => startWithSessions(its, program, few, counts))
  const rules = await measure(args, (its) => startWithRules(its, program, settings))
  const providers = await measure(args, (its) => startWithProviders(its, program, settings))
  if (args.json) {
    const sessions = { cookie, redis, small }
    console.log(JSON.stringify({ sessions, rules, providers }, undefined, 2))
    return
  }
  const cells = (measurement: Measurement | undefined): readonly string[] => [
    measurement?.cpuMicroseconds.toFixed(0) ?? '',
    measurement?.residentMebibytes.toFixed(0) ?? '',
  ]
  const sessionRows = cookie.map(({ count, ...inCookie }, index) => [
    count.toLocaleString('en'),
    ...cells(inCookie),
    ...cells(redis[index]),
    ...cells(small[index]),
  ])
  const stores = ['cookie', 'Redis', 'small, 256 MiB of cache:']
  const header = ['live sessions', ...stores.flatMap((store) => [`${store} CPU µs`, 'MiB'])]
  console.log(table(header, sessionRows))
  const others = [
    ['skip rules', rules],
    ['providers whose tokens are taken', providers],
  ] as const
  for (const [name, measured] of others) {
    const rows = measured.map(({ count, ...its }) => [String(count), ...cells(its)])
    console.log(`\n${table([name, 'CPU µs', 'MiB'], rows)}`)
  }
}

const cleanup = createCleanup()
try {
  await run(cleanup, readArguments(process.argv.slice(2)))
} finally {
  await cleanup.run()
}
