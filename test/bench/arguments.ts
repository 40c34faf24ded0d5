import { parseArgs } from 'node:util'

export interface BenchArguments {
  readonly rounds: number
  readonly requests: number
  readonly isQuick: boolean
  /** Run from `src` instead of `dist`. */
  readonly fromSource: boolean
  /** Print JSON instead of tables. */
  readonly json: boolean
  /** Path of the program to compare with; empty = none. */
  readonly against: string
  /** Only scenarios whose name matches. */
  readonly only: RegExp
  /** Have wrk send the requests. */
  readonly wrk: boolean
  /** Folder for CPU profiles of the services; empty = none. */
  readonly profile: string
}

/** Throws an Error for whoever called. */
export function readArguments(args: readonly string[]): BenchArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      source: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      requests: { type: 'string' },
      against: { type: 'string', default: '' },
      only: { type: 'string', default: '' },
      wrk: { type: 'boolean', default: false },
      profile: { type: 'string', default: '' },
    },
  })
  const { quick } = values
  return {
    rounds: count('--rounds', values.rounds ?? (quick ? '3' : '5')),
    requests: count('--requests', values.requests ?? (quick ? '4000' : '10000')),
    isQuick: quick,
    fromSource: values.source,
    json: values.json,
    against: values.against,
    only: new RegExp(values.only),
    wrk: values.wrk,
    profile: values.profile,
  }
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`${name} is not a number above 0: ${text}`)
  return Number(text)
}
