// `npm run bench`: server CPU per check on this machine, as ratios to a bare Node server. The
// scenarios take turns, so that whatever else the machine does hits all of them alike. Linux only.
import { findComponent } from '../support/components.ts'
import { clientOptions } from '../support/gateway-site.ts'
import {
  createCleanup,
  freePort,
  startProcess,
  temporaryFolder,
  waitForPort,
  type Cleanup,
} from '../support/process.ts'
import { startProvider, type RunningProvider } from '../support/provider.ts'
import { startSallyport, type RunningSallyport } from '../support/sallyport.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'
import { cpuSeconds } from './cpu.ts'
import { sendLoad, type Load } from './load.ts'

const rounds = 5
const requestsPerRound = 20_000
const warmUpRequests = 5_000

interface Scenario {
  readonly name: string
  readonly pid: number
  readonly load: Omit<Load, 'requests'>
}

async function bareServer(t: Cleanup): Promise<Scenario> {
  const running = startProcess(t, process.execPath, ['test/bench/bare-server.ts'])
  const port = Number((await running.line(/^listening/)).split(' ').at(-1))
  return { name: 'bare Node server', pid: running.pid, load: checkLoad(port, '', 202) }
}

async function sallyportScenarios(t: Cleanup): Promise<readonly Scenario[]> {
  const provider = await startProvider(t)
  const cookie = await startChecks(t, provider, { session_store_type: 'cookie' })
  const memory = await startChecks(t, provider, { session_store_type: 'memory' })
  const scenarios = [
    scenario('no cookie', cookie, '', 401),
    scenario('session in the cookie', cookie, await sessionCookie(cookie), 202),
    scenario('session in memory', memory, await sessionCookie(memory), 202),
  ]
  const redisUrl = await startRedis(t)
  if (redisUrl === undefined) return scenarios
  const redisStore = { session_store_type: 'redis', redis_connection_url: redisUrl }
  const redis = await startChecks(t, provider, redisStore)
  return [...scenarios, scenario('session in Redis', redis, await sessionCookie(redis), 202)]
}

async function startChecks(
  t: Cleanup,
  provider: RunningProvider,
  store: Readonly<Record<string, string>>,
): Promise<RunningSallyport> {
  return startSallyport(t, {
    ...clientOptions(provider),
    ...store,
    reverse_proxy: true,
    set_xauthrequest: true,
    request_logging: false,
  })
}

async function startRedis(t: Cleanup): Promise<string | undefined> {
  const redis = findComponent('redis-server')
  if (redis === undefined) return undefined
  const port = await freePort()
  const args = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no']
  await waitForPort(port, startProcess(t, redis, args, { cwd: temporaryFolder(t) }))
  return `redis://127.0.0.1:${port}`
}

async function sessionCookie({ url }: RunningSallyport): Promise<string> {
  const agent = createUserAgent()
  await signIn(agent, `${url}/oauth2/start?rd=/oauth2/userinfo`)
  return agent.cookies.header(new URL(url)) ?? ''
}

function scenario(
  name: string,
  { pid, port }: RunningSallyport,
  cookie: string,
  status: number,
): Scenario {
  return { name, pid, load: checkLoad(port, cookie, status) }
}

/** What ingress-nginx sends. */
function checkLoad(port: number, cookie: string, status: number): Omit<Load, 'requests'> {
  const lines = [
    'GET /oauth2/auth HTTP/1.1',
    'Host: sallyport',
    'X-Original-URL: https://app.example.com/deep/link?x=1',
    'X-Original-Method: GET',
    'X-Real-IP: 203.0.113.7',
    'X-Forwarded-For: 203.0.113.7',
    'Accept: application/json',
    ...(cookie === '' ? [] : [`Cookie: ${cookie}`]),
  ]
  return { port, status, request: `${lines.join('\r\n')}\r\n\r\n` }
}

async function measure({ pid, load }: Scenario): Promise<number> {
  const before = cpuSeconds(pid)
  await sendLoad({ ...load, requests: requestsPerRound })
  return ((cpuSeconds(pid) - before) / requestsPerRound) * 1e6
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}

async function run(t: Cleanup): Promise<void> {
  const scenarios = [await bareServer(t), ...(await sallyportScenarios(t))]
  const results = scenarios.map((entry) => ({ entry, microseconds: [] as number[] }))
  for (const { load } of scenarios) await sendLoad({ ...load, requests: warmUpRequests })
  for (let round = 0; round < rounds; round += 1) {
    for (const { entry, microseconds } of results) microseconds.push(await measure(entry))
  }
  const [bare] = results
  const base = median(bare?.microseconds ?? [])
  console.log(`Server CPU per check, median of ${rounds} rounds of ${requestsPerRound} requests\n`)
  console.log('| | µs | lowest - highest | ratio |\n| --- | ---: | ---: | ---: |')
  for (const { entry, microseconds } of results) {
    const middle = median(microseconds)
    const range = [Math.min(...microseconds), Math.max(...microseconds)].map((us) => us.toFixed(0))
    const ratio = (middle / base).toFixed(2)
    console.log(`| ${entry.name} | ${middle.toFixed(1)} | ${range.join(' - ')} | ${ratio} |`)
  }
}

const cleanup = createCleanup()
try {
  await run(cleanup)
} finally {
  await cleanup.run()
}
