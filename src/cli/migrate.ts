import { migrateChartValues } from '../config/migrate/chart-values.ts'
import { describeError } from '../core/errors.ts'

/**
 * `sallyport migrate values FILE`: a values file of oauth2-proxy's chart as one of Sallyport's, and
 * on the other stream what a person has to look at. Returns the exit code: 0 when nothing is, 1 when
 * something is or the file cannot be read, 2 for a wrong command line.
 */
export function migrate({
  argv,
  readFile,
  print,
  printError,
}: {
  readonly argv: readonly string[]
  readonly readFile: (path: string) => string
  readonly print: (text: string) => void
  readonly printError: (text: string) => void
}): number {
  const [what, path, ...more] = argv
  if (what !== 'values' || path === undefined || more.length > 0) {
    printError('usage: sallyport migrate values FILE')
    return 2
  }
  try {
    const { text, notes } = migrateChartValues(readFile(path))
    print(text.trimEnd())
    for (const { path: where, why } of notes) printError(`${where}: ${why}`)
    return notes.length === 0 ? 0 : 1
  } catch (error) {
    printError(`${path}: ${describeError(error)}`)
    return 1
  }
}
