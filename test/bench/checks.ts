import { startProcess, type Cleanup } from '../support/process.ts'
import type { BenchArguments } from './arguments.ts'
import { isSallyport } from './programs.ts'
import { checkRequest } from './requests.ts'
import { measureInTurns, type Measurement } from './rounds.ts'
import { forOauth2Proxy, scenarios, type Scenario } from './scenarios.ts'
import type { Stage, Subject } from './subject.ts'

export interface Compared {
  readonly name: string
  readonly sallyport: Measurement
  /** The same on the program to compare with, where it has an answer. */
  readonly other: Measurement | undefined
}

export interface Checks {
  /** Node's own server and as many headers. */
  readonly bare: Measurement
  readonly scenarios: readonly Compared[]
}

export async function measureChecks(
  t: Cleanup,
  args: BenchArguments,
  { ours, other }: { readonly ours: Stage; readonly other: Stage | undefined },
): Promise<Checks> {
  const forOther = isSallyport(args.against) ? (same: Scenario) => same : forOauth2Proxy
  const chosen = scenarios.filter(
    ({ name, isMain }) => args.only.test(name) && (isMain === true || !args.isQuick),
  )
  const pairs = []
  for (const scenario of chosen) {
    const theirs = other && forOther(scenario)
    pairs.push({
      name: scenario.name,
      own: await ours.subject(scenario),
      other: theirs && (await other.subject(theirs)),
    })
  }
  const [bare, ...compared] = await measurePairs(
    [{ name: 'bare', own: await startBareServer(t), other: undefined }, ...pairs],
    args,
  )
  if (!bare) throw new Error('the bare server was not measured')
  return { bare: bare.sallyport, scenarios: compared }
}

export interface Pair {
  readonly name: string
  readonly own: Subject
  readonly other: Subject | undefined
}

/** All of them in the same rounds. */
export async function measurePairs(
  pairs: readonly Pair[],
  args: BenchArguments,
): Promise<readonly Compared[]> {
  const subjects = new Set(pairs.flatMap(({ own, other }) => (other ? [own, other] : [own])))
  const measured = await measureInTurns([...subjects], args)
  return pairs.map(({ name, own, other }) => {
    const sallyport = measured.get(own)
    if (!sallyport) throw new Error(`${name} was not measured`)
    return { name, sallyport, other: other && measured.get(other) }
  })
}

async function startBareServer(t: Cleanup): Promise<Subject> {
  const running = startProcess(t, process.execPath, ['test/bench/bare-server.ts'])
  const port = Number((await running.line(/^listening/)).split(' ').at(-1))
  const request = checkRequest('nginx', '')
  const load = { port, status: 202, keepsConnections: true, next: () => request }
  return { pid: running.pid, prepare: () => Promise.resolve(load) }
}
