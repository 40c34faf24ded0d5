import type { Load, Sent } from './load.ts'
import { cpuSeconds, residentMebibytes } from './process-usage.ts'
import { median } from './statistics.ts'
import type { Subject } from './subject.ts'

/** Medians of the rounds. */
export interface Measurement {
  /** User and system time of the process per request. */
  readonly cpuMicroseconds: number
  readonly cpuRange: readonly [lowest: number, highest: number]
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Memory of the process after the last round. */
  readonly residentMebibytes: number
}

type Round = Pick<Measurement, 'cpuMicroseconds' | 'requestsPerSecond' | 'p50Ms' | 'p99Ms'>

export interface RoundPlan {
  readonly rounds: number
  /** Of each subject in each round. */
  readonly requests: number
  readonly send: (load: Load, requests: number) => Promise<Sent>
}

const warmingRounds = 3

/**
 * Measures the subjects in turns, round after round, so that whatever else the machine does hits
 * all of them alike. Rounds that do not count come first: V8 is still optimizing then.
 */
export async function measureInTurns(
  subjects: readonly Subject[],
  { rounds, requests, send }: RoundPlan,
): Promise<ReadonlyMap<Subject, Measurement>> {
  const results = subjects.map((subject) => ({ subject, measured: [] as Round[] }))
  for (let round = 0; round < warmingRounds; round += 1) {
    for (const subject of subjects) await send(await subject.prepare(requests), requests)
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { subject, measured } of results)
      measured.push(await measure(subject, requests, send))
  }
  return new Map(results.map(({ subject, measured }) => [subject, summarize(subject, measured)]))
}

async function measure(subject: Subject, count: number, send: RoundPlan['send']): Promise<Round> {
  const load = await subject.prepare(count)
  const cpuBefore = cpuSeconds(subject.pid)
  const { requests, seconds, p50Ms, p99Ms } = await send(load, count)
  return {
    cpuMicroseconds: ((cpuSeconds(subject.pid) - cpuBefore) / requests) * 1e6,
    requestsPerSecond: requests / seconds,
    p50Ms,
    p99Ms,
  }
}

function summarize({ pid }: Subject, rounds: readonly Round[]): Measurement {
  const middle = (field: keyof Round): number => median(rounds.map((round) => round[field]))
  const cpu = rounds.map(({ cpuMicroseconds }) => cpuMicroseconds)
  return {
    cpuMicroseconds: median(cpu),
    cpuRange: [Math.min(...cpu), Math.max(...cpu)],
    requestsPerSecond: middle('requestsPerSecond'),
    p50Ms: middle('p50Ms'),
    p99Ms: middle('p99Ms'),
    residentMebibytes: residentMebibytes(pid),
  }
}
