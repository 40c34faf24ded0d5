import { readFileSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'smol-toml'
import type { Cleanup } from '../support/cleanup.ts'
import { freePort, startProcess, temporaryFolder } from '../support/process.ts'
import type { TomlValue } from '../support/sallyport.ts'

/** A program that understands oauth2-proxy's config file, and how it is called. */
export type Program = readonly [command: string, ...args: string[]]

export type Settings = Readonly<Record<string, TomlValue>>

export interface Service {
  readonly pid: number
  readonly port: number
  readonly url: string
  readonly configPath: string
  /** From the start of the process to its first answer. */
  readonly startMs: number
  stop(): Promise<unknown>
}

const startupMs = 20_000
const pollMs = 5

/** Its log goes to a file, as a pipe would make this process work. */
export async function startService(
  t: Cleanup,
  [command, ...args]: Program,
  settings: Settings,
): Promise<Service> {
  const folder = temporaryFolder(t)
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const configPath = join(folder, 'config.toml')
  const logPath = join(folder, 'log')
  const listener = { http_address: `127.0.0.1:${port}`, redirect_url: `${url}/oauth2/callback` }
  writeFileSync(configPath, stringify({ ...listener, ...settings }), { mode: 0o600 })

  const startedAt = performance.now()
  const shell = ['-c', 'exec "$@" >"$0" 2>&1', logPath, command, ...args, '--config', configPath]
  const running = startProcess(t, '/bin/sh', shell)
  while (!(await answers(`${url}/ping`))) {
    if (!running.isRunning() || performance.now() - startedAt > startupMs) {
      throw new Error(`${command} does not serve:\n${readFileSync(logPath, 'utf8')}`)
    }
    await sleep(pollMs)
  }
  const startMs = performance.now() - startedAt
  return { pid: running.pid, port, url, configPath, startMs, stop: () => running.stop() }
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    }).on('error', () => resolve(false))
  })
}
