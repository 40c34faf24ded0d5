import type { Fault } from './kind.ts'

/** One thing wrong with a configuration. Never holds the value of a secret. */
export interface Finding extends Fault {
  /** Key, flag or variable; or the file when it cannot be read. */
  readonly option: string
  /** Where it was set: a file and line, a variable, a flag, or the default. */
  readonly source: string
}

/** Readable text: a header, then one block a finding. */
export function formatFindings(
  findings: readonly Finding[],
  header = 'invalid configuration',
): string {
  const blocks = findings.map(
    ({ option, source, problem, fix }) =>
      `${option} ${problem}\n  from: ${source}\n  fix:  ${fix}\n`,
  )
  return [`${header}: ${count(findings.length)}\n`, ...blocks].join('\n')
}

function count(findings: number): string {
  return findings === 1 ? '1 finding' : `${findings} findings`
}
