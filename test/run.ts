// What `npm test` does: static checks, the real components, all tests with coverage. The last lines
// are node:test's own summary.
import { spawnSync } from 'node:child_process'
import { reportCoverage, startCoverage } from './coverage.ts'
import { createGatewayTable } from './gateway-table.ts'
import { printSummary, runTests } from './run-files.ts'
import { installComponents } from './support/install-components.ts'

/** A test with a gateway and a browser takes some seconds, and many times that on a busy machine. */
const testTimeoutMs = 300_000

async function main(): Promise<number> {
  if (spawnSync('npm', ['run', '--silent', 'check'], { stdio: 'inherit' }).status !== 0) {
    console.error('npm run check failed')
    return 1
  }
  for (const name of installComponents()) console.log(`not installed: ${name}`)

  startCoverage()
  const gateways = createGatewayTable()
  const outcome = await runTests(['test/**/*.test.ts'], testTimeoutMs, gateways.add)
  const missedGoals = reportCoverage()

  for (const line of gateways.lines()) console.log(line)
  for (const goal of missedGoals) console.log(`coverage missed: ${goal}`)
  await printSummary(outcome)
  return outcome.failed > 0 || missedGoals.length > 0 ? 1 : 0
}

// A file that would not end is not waited for.
process.exit(await main())
