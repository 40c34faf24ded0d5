import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, rmSync } from 'node:fs'
import { relative, resolve } from 'node:path'

/** Where every process of the test run leaves what it executed (`NODE_V8_COVERAGE`). */
const rawFolder = resolve('coverage/raw')

const totals = { lines: 95, branches: 90 } as const
/** Contracts and formats: here every line is reached by a test. */
const complete = /^src\/(fronts\/|redirects\/|session\/(ticket|codec)\.ts$)/

interface Counts {
  readonly lines: { readonly pct: number }
  readonly branches: { readonly pct: number }
}

export function startCoverage(): void {
  rmSync('coverage', { recursive: true, force: true })
  process.env['NODE_V8_COVERAGE'] = rawFolder
}

/** Prints the summary; returns a sentence for each goal that was missed. */
export function reportCoverage(): readonly string[] {
  delete process.env['NODE_V8_COVERAGE']
  const input = ['--temp-directory', rawFolder, '--include', 'src/**', '--merge-async']
  const output = ['--reporter', 'text', '--reporter', 'json-summary', '--skip-full', 'report']
  const { status } = spawnSync('c8', [...input, ...output], { stdio: 'inherit' })
  if (status !== 0) return ['c8 could not report']
  return checkCoverage(
    JSON.parse(readFileSync('coverage/coverage-summary.json', 'utf8')) as Record<string, Counts>,
  )
}

function checkCoverage({ total, ...files }: Record<string, Counts>): readonly string[] {
  const covered = new Map(
    Object.entries(files).map(([path, counts]) => [relative('.', path), counts]),
  )
  const goals = (Object.keys(totals) as (keyof typeof totals)[])
    .filter((measure) => (total?.[measure].pct ?? 0) < totals[measure])
    .map((measure) => `src: ${total?.[measure].pct ?? 0} % of ${measure}, not ${totals[measure]}`)
  const incomplete = [...covered]
    .filter(([path, counts]) => complete.test(path) && counts.lines.pct < 100)
    .map(([path, counts]) => `${path}: ${counts.lines.pct} % of lines, not 100`)
  const neverLoaded = globSync('src/**/*.ts')
    .filter((path) => !covered.has(path) && hasCode(path))
    .map((path) => `${path}: no test loads it`)
  return [...goals, ...incomplete, ...neverLoaded]
}

/** Files of types alone leave nothing to run. */
function hasCode(path: string): boolean {
  return /^(export )?(async function|function|const|class)\b/m.test(readFileSync(path, 'utf8'))
}
