// Runs test files as node:test does, and keeps its summary for the very end.
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { run } from 'node:test'
import { spec, type TestEvent } from 'node:test/reporters'

export interface Outcome {
  readonly failed: number
  readonly skipped: readonly string[]
  /** The counts that node:test closes with. */
  readonly summary: readonly TestEvent[]
}

/** Runs the files; prints all but the summary. `timeoutMs` is for one test. */
export async function runTests(
  globPatterns: readonly string[],
  timeoutMs: number,
  observe: (event: TestEvent) => void = () => undefined,
): Promise<Outcome> {
  const skipped: string[] = []
  const summary: TestEvent[] = []
  let failed = 0
  const reporter = createReporter()
  const hung = new AbortController()
  const events = run({
    globPatterns: [...globPatterns],
    concurrency: Math.max(2, availableParallelism()),
    timeout: timeoutMs,
    signal: hung.signal,
  })
  // node:test waits for a file whose tests are over and that does not end, however long that takes.
  const watchdog = setTimeout(() => {
    console.error(
      `nothing was heard of any test file for ${2 * timeoutMs} ms; those that run end now`,
    )
    hung.abort()
  }, 2 * timeoutMs)
  for await (const event of events as AsyncIterable<TestEvent>) {
    watchdog.refresh()
    if (event.type === 'test:pass' && event.data.skip !== undefined) {
      skipped.push(`${event.data.name}: ${event.data.skip}`)
    }
    if (event.type === 'test:fail') failed += 1
    observe(event)
    // Only the run's own counts come without a file.
    if (event.type === 'test:diagnostic' && event.data.file === undefined) summary.push(event)
    else reporter.write(event)
  }
  clearTimeout(watchdog)
  await reporter.end()
  return { failed, skipped, summary }
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

/** The last lines: what was skipped, then node:test's own summary. */
export async function printSummary({ skipped, summary }: Outcome): Promise<void> {
  for (const test of skipped) console.log(`skipped: ${test}`)
  console.log(`${skipped.length} tests skipped`)
  const closing = createReporter()
  for (const event of summary) closing.write(event)
  await closing.end()
}
