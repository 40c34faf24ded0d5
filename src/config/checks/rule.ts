import type { Fault } from '../kind.ts'
import type { Options } from '../options.ts'

interface Complaint extends Fault {
  readonly severity: 'error' | 'warning'
  /** The one that is named, with where it was set. */
  readonly option: keyof Options
}

/** A rule between options that says which of them it reads. */
export interface Rule {
  readonly keys: readonly (keyof Options)[]
  check(values: Readonly<Record<string, unknown>>): Complaint | false
}

/** `check` sees only the options in `keys`; it returns false when there is nothing to say. */
export function rule<K extends keyof Options>(
  keys: readonly K[],
  check: (options: Pick<Options, K>) => Complaint | false,
): Rule {
  return { keys, check: (values) => check(values as unknown as Pick<Options, K>) }
}

export function error(option: keyof Options, problem: string, fix: string): Complaint {
  return { severity: 'error', option, problem, fix }
}

export function warning(option: keyof Options, problem: string, fix: string): Complaint {
  return { severity: 'warning', option, problem, fix }
}
