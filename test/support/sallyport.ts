import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import type { Cleanup } from './cleanup.ts'
import { startProcess, temporaryFolder, type RunningProcess } from './process.ts'

export interface RunningSallyport extends RunningProcess {
  /** `http://127.0.0.1:PORT` */
  readonly url: string
  readonly port: number
  /** Its configuration file. */
  readonly configPath: string
  /** Its log, one object a line. */
  logs(): readonly LogLine[]
}

export interface LogLine {
  readonly msg: string
  readonly level?: string
  readonly [field: string]: unknown
}

export type TomlValue = string | number | boolean | readonly string[]

/**
 * Runs the program from source with a config file: text as it stands, or options, which listen on a
 * free port. Resolves once it listens.
 */
export async function startSallyport(
  t: Cleanup,
  config: string | Readonly<Record<string, TomlValue>>,
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): Promise<RunningSallyport> {
  const running = spawnSallyport(t, config, options)
  const { address } = JSON.parse(await running.line(/"msg":"listening"/)) as { address: string }
  return {
    ...running,
    url: address,
    port: Number(new URL(address).port),
    logs: () =>
      running
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'))
        .map((line) => JSON.parse(line) as LogLine),
  }
}

/** As `startSallyport`, for a start that may fail: resolves nothing, waits for nothing. */
export function spawnSallyport(
  t: Cleanup,
  config: string | Readonly<Record<string, TomlValue>>,
  options: { args?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
): RunningProcess & Pick<RunningSallyport, 'configPath'> {
  const file = join(temporaryFolder(t), 'sallyport.toml')
  const text =
    typeof config === 'string' ? config : stringify({ http_address: '127.0.0.1:0', ...config })
  writeFileSync(file, text, { mode: 0o600 })
  const args = ['src/main.ts', '--config', file, ...(options.args ?? [])]
  const running = startProcess(t, process.execPath, args, options.env ? { env: options.env } : {})
  return { ...running, configPath: file }
}
