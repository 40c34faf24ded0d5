// What `npm run test:kubernetes` does: builds the API server and gets the base image once, then runs
// the suites with them.
// The last lines are node:test's own summary.
import { printSummary, runTests } from './run-files.ts'
import { installComponents } from './support/install-components.ts'
import { buildApiserver } from './support/kubernetes/build-apiserver.ts'
import { installBaseImage } from './support/kubernetes/build-image.ts'

for (const name of installComponents()) console.log(`not installed: ${name}`)
installBaseImage()
console.log(`kube-apiserver: ${buildApiserver()}`)
const outcome = await runTests(['test/kubernetes/*.suite.ts'], 600_000)
await printSummary(outcome)
// A file that would not end is not waited for.
process.exit(outcome.failed > 0 ? 1 : 0)
