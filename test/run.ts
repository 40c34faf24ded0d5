// What `npm test` does: static checks, the real components, all tests with coverage. The last lines
// are node:test's own summary.
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { run } from 'node:test'
import { spec, type TestEvent } from 'node:test/reporters'
import { reportCoverage, startCoverage } from './coverage.ts'
import { createGatewayTable } from './gateway-table.ts'
import { installComponents } from './support/install-components.ts'

interface Outcome {
  readonly failed: number
  readonly skipped: readonly string[]
  /** Gateway by scenario. */
  readonly gateways: readonly string[]
  /** The counts that node:test closes with. */
  readonly summary: readonly TestEvent[]
}

async function runTests(): Promise<Outcome> {
  const skipped: string[] = []
  const summary: TestEvent[] = []
  let failed = 0
  const gateways = createGatewayTable()
  const reporter = createReporter()
  const events = run({
    globPatterns: ['test/**/*.test.ts'],
    concurrency: Math.max(2, availableParallelism()),
    timeout: 180_000,
  })
  for await (const event of events as AsyncIterable<TestEvent>) {
    if (event.type === 'test:pass' && event.data.skip !== undefined) {
      skipped.push(`${event.data.name}: ${event.data.skip}`)
    }
    if (event.type === 'test:fail') failed += 1
    gateways.add(event)
    // Only the run's own counts come without a file.
    if (event.type === 'test:diagnostic' && event.data.file === undefined) summary.push(event)
    else reporter.write(event)
  }
  await reporter.end()
  return { failed, skipped, gateways: gateways.lines(), summary }
}

function createReporter(): { write(event: TestEvent): void; end(): Promise<void> } {
  const reporter = new spec()
  reporter.pipe(process.stdout)
  return {
    write(event) {
      reporter.write(event)
    },
    async end() {
      reporter.end()
      await once(reporter, 'end')
    },
  }
}

async function main(): Promise<number> {
  if (spawnSync('npm', ['run', '--silent', 'check'], { stdio: 'inherit' }).status !== 0) {
    console.error('npm run check failed')
    return 1
  }
  for (const name of installComponents()) console.log(`not installed: ${name}`)

  startCoverage()
  const { failed, skipped, gateways, summary } = await runTests()
  const missedGoals = reportCoverage()

  for (const line of gateways) console.log(line)
  for (const goal of missedGoals) console.log(`coverage missed: ${goal}`)
  for (const test of skipped) console.log(`skipped: ${test}`)
  console.log(`${skipped.length} tests skipped`)
  const closing = createReporter()
  for (const event of summary) closing.write(event)
  await closing.end()
  return failed > 0 || missedGoals.length > 0 ? 1 : 0
}

process.exitCode = await main()
