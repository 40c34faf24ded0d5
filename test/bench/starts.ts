import { createCleanup } from '../support/cleanup.ts'
import { residentMebibytes } from './process-usage.ts'
import { startService, type Program } from './service.ts'
import { median } from './statistics.ts'
import type { Surroundings } from './surroundings.ts'

/** Medians of the starts. */
export interface Start {
  /** From the start of the process to its first answer. */
  readonly ms: number
  /** Memory then. */
  readonly residentMebibytes: number
}

const starts = 5

/** Starts each program some times, in turns. */
export async function measureStarts(
  programs: readonly Program[],
  { settings }: Surroundings,
): Promise<readonly Start[]> {
  const results = programs.map((program) => ({ program, measured: [] as Start[] }))
  for (let round = 0; round < starts; round += 1) {
    for (const { program, measured } of results) measured.push(await startOnce(program, settings))
  }
  return results.map(({ measured }) => ({
    ms: median(measured.map(({ ms }) => ms)),
    residentMebibytes: median(measured.map((start) => start.residentMebibytes)),
  }))
}

async function startOnce(program: Program, settings: Surroundings['settings']): Promise<Start> {
  const cleanup = createCleanup()
  try {
    const { pid, startMs } = await startService(cleanup, program, settings)
    return { ms: startMs, residentMebibytes: residentMebibytes(pid) }
  } finally {
    await cleanup.run()
  }
}
