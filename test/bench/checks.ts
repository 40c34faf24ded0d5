import type { Cleanup } from '../support/cleanup.ts'
import { startProcess } from '../support/process.ts'
import type { BenchArguments } from './arguments.ts'
import { sendLoad } from './load.ts'
import { isSallyport } from './programs.ts'
import { checkRequest } from './requests.ts'
import { measureInTurns, type Measurement } from './rounds.ts'
import { forOauth2Proxy, scenarios, storeOf, type Scenario } from './scenarios.ts'
import type { Stage, Subject } from './subject.ts'
import { createWrk } from './wrk.ts'

export interface Compared {
  readonly name: string
  readonly sallyport: Measurement
  /** Node's own server, asked with the same bytes; absent where no check is asked. */
  readonly bare?: Measurement | undefined
  /** The same on the program to compare with, where it has an answer. */
  readonly other: Measurement | undefined
}

export interface Checks {
  /** Node's own server, asked in each of the ways that the scenarios ask. */
  readonly bare: readonly { readonly name: string; readonly measured: Measurement }[]
  readonly scenarios: readonly Compared[]
}

export async function measureChecks(
  t: Cleanup,
  args: BenchArguments,
  { ours, other }: { readonly ours: Stage; readonly other: Stage | undefined },
): Promise<Checks> {
  const forOther = isSallyport(args.against) ? (same: Scenario) => same : forOauth2Proxy
  const chosen = scenarios.filter(
    ({ name, isMain, cookies }) =>
      args.only.test(name) &&
      (isMain === true || !args.isQuick) &&
      // wrk sends the same requests again and again.
      !(args.wrk && cookies === 'new'),
  )
  const bareServer = await startBareServer(t)
  const bare = new Map<string, Pair>()
  const pairs = []
  for (const scenario of chosen) {
    const theirs = other && forOther(scenario)
    const bareName = bareNameOf(scenario)
    if (!bare.has(bareName)) {
      const request = await bareRequest(scenario, ours)
      bare.set(bareName, { name: bareName, own: bareServer(scenario, request), other: undefined })
    }
    pairs.push({
      name: scenario.name,
      own: await ours.subject(scenario),
      other: theirs && (await other.subject(theirs)),
    })
  }
  const measured = await measurePairs(t, [...bare.values(), ...pairs], args)
  const bareMeasured = measured
    .slice(0, bare.size)
    .map(({ name, sallyport }) => ({ name, measured: sallyport }))
  const compared = measured.slice(bare.size).map((row, index) => {
    const scenario = chosen[index]
    const name = scenario && bareNameOf(scenario)
    return { ...row, bare: bareMeasured.find((one) => one.name === name)?.measured }
  })
  return { bare: bareMeasured, scenarios: compared }
}

async function bareRequest({ cookies, service, gateway }: Scenario, ours: Stage) {
  if (cookies === 'bearer') return checkRequest(gateway, '', await ours.bearer())
  if (cookies === 'none') return checkRequest(gateway, '')
  return checkRequest(gateway, (await ours.signedIn(service)).cookieHeader)
}

/** Scenarios whose requests look alike are compared with the same. */
function bareNameOf({ cookies, service, gateway }: Scenario): string {
  const connection = gateway === 'nginx-default' ? ', a connection per check' : ''
  return `bare Node server, ${contentsOf(cookies, service)}${connection}`
}

function contentsOf(cookies: Scenario['cookies'], service: Scenario['service']): string {
  if (cookies === 'none') return 'no cookie'
  if (cookies === 'bearer') return 'a bearer token'
  return storeOf(service) === 'cookie' ? 'the cookie of a session' : 'a ticket'
}

export interface Pair {
  readonly name: string
  readonly own: Subject
  readonly other: Subject | undefined
}

/** All of them in the same rounds. */
export async function measurePairs(
  t: Cleanup,
  pairs: readonly Pair[],
  args: BenchArguments,
): Promise<readonly Compared[]> {
  const subjects = new Set(pairs.flatMap(({ own, other }) => (other ? [own, other] : [own])))
  const send = args.wrk ? createWrk(t) : sendLoad
  const measured = await measureInTurns([...subjects], { ...args, send })
  return pairs.map(({ name, own, other }) => {
    const sallyport = measured.get(own)
    if (!sallyport) throw new Error(`${name} was not measured`)
    return { name, sallyport, other: other && measured.get(other) }
  })
}

async function startBareServer(
  t: Cleanup,
): Promise<(scenario: Scenario, request: Uint8Array) => Subject> {
  const running = startProcess(t, process.execPath, ['test/bench/bare-server.ts'])
  const port = Number((await running.line(/^listening/)).split(' ').at(-1))
  return ({ gateway }, request) => {
    const keepsConnections = gateway !== 'nginx-default'
    const load = { port, status: 202, keepsConnections, requests: [request] }
    return { pid: running.pid, prepare: () => Promise.resolve(load) }
  }
}
