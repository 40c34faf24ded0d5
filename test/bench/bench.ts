// `npm run bench`: what a check costs on this machine; docs/performance.md says how to read it.
// Linux only.
import { cpus } from 'node:os'
import { type Cleanup, createCleanup } from '../support/cleanup.ts'
import { readArguments, type BenchArguments } from './arguments.ts'
import { measureBehindNginx } from './behind-nginx.ts'
import { measureChecks } from './checks.ts'
import { isSallyport, otherProgram, sallyport } from './programs.ts'
import { checkTable, nginxTable, startTable } from './report.ts'
import { measureStarts } from './starts.ts'
import { createStage } from './subject.ts'
import { startSurroundings } from './surroundings.ts'

async function run(t: Cleanup, args: BenchArguments): Promise<void> {
  const surroundings = await startSurroundings(t)
  const program = sallyport(args)
  const against = args.against === '' ? undefined : otherProgram(args.against)
  const stages = {
    ours: createStage(t, program, surroundings),
    other: against && createStage(t, against, surroundings),
  }
  const checks = await measureChecks(t, args, stages)
  const isPart = args.isQuick || args.only.source !== '(?:)'
  const behindNginx = isPart ? undefined : await measureBehindNginx(t, args, stages)
  const programs = against ? [program, against] : [program]
  const starts = isPart ? [] : await measureStarts(programs, surroundings)

  if (args.json) {
    console.log(JSON.stringify({ checks, behindNginx, starts }, undefined, 2))
    return
  }
  const other = against ? (isSallyport(args.against) ? 'other' : 'oauth2-proxy') : ''
  const machine = `${cpus().length} x ${cpus()[0]?.model}, Node ${process.version}`
  console.log(`${machine}; medians of ${args.rounds} rounds of ${args.requests} requests\n`)
  console.log(checkTable(checks, other))
  if (behindNginx) console.log(`\n${nginxTable(behindNginx, other)}`)
  if (isPart) return
  const names = ['Sallyport', other]
  const named = starts.map((start, index) => ({ ...start, name: names[index] ?? '' }))
  console.log(`\n${startTable(named)}`)
}

const cleanup = createCleanup()
try {
  await run(cleanup, readArguments(process.argv.slice(2)))
} finally {
  await cleanup.run()
}
