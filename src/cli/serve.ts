import { once } from 'node:events'
import { createApp } from '../app.ts'
import { formatFindings } from '../config/finding.ts'
import { loadOptions, type LoadInputs } from '../config/load.ts'
import { describeError } from '../core/errors.ts'
import { systemClock } from '../lib/clock.ts'
import { boundHeapGrowth, keepTick, trimHeap } from '../lib/heap.ts'
import { createLineWriter } from '../telemetry/line-writer.ts'
import { createLogger } from '../telemetry/logger.ts'

/** Serves until SIGTERM or SIGINT. Returns the exit code: 1 when it could not start. */
export async function serve({
  version,
  ...inputs
}: LoadInputs & { readonly version: string }): Promise<number> {
  boundHeapGrowth()
  keepTick()
  const loaded = loadOptions(inputs)
  if (!loaded.ok) {
    console.error(formatFindings([...loaded.findings, ...loaded.warnings]))
    return 1
  }
  const { options, warnings } = loaded
  const lines = createLineWriter(process.stdout.fd)
  const log = createLogger(options, lines)
  for (const { option, source, problem, fix } of warnings) {
    log.warn('configuration warning', { option, source, problem, fix })
  }

  const stop = Promise.race(['SIGTERM', 'SIGINT'].map((signal) => once(process, signal)))
  try {
    const { env: environment } = inputs
    const app = await createApp({ options, version, clock: systemClock, lines, environment })
    // What reading modules and options took, before anybody can have to wait for it.
    trimHeap()
    const address = await app.listen()
    log.info('listening', { address, version })
    await stop
    log.info('draining')
    await app.close()
    log.info('stopped')
    return 0
  } catch (error) {
    log.error('cannot run', { cause: describeError(error) })
    return 1
  } finally {
    await lines.drained()
  }
}
