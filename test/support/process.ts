import { spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterTest, type Cleanup } from './cleanup.ts'

export interface RunningProcess {
  readonly pid: number
  isRunning(): boolean
  /** Everything printed so far, both streams. */
  output(): string
  /** The first complete line that matches, waited for; throws when the process ends without it. */
  line(pattern: RegExp): Promise<string>
  signal(name: NodeJS.Signals): void
  /** Sends the signal, waits for the end and resolves as `exited`. */
  stop(name?: NodeJS.Signals): Promise<number | undefined>
  /** The exit code; undefined when a signal ended it. */
  readonly exited: Promise<number | undefined>
}

const startupMs = 60_000
const shutdownMs = 10_000

/** Starts a program that ends with the test at the latest. */
export function startProcess(
  t: Cleanup,
  command: string,
  args: readonly string[],
  options: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): RunningProcess {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk
    })
  }
  const exited = once(child, 'close').then(([code]) => (code as number | null) ?? undefined)
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null
  const completeLines = (): string[] => output.split('\n').slice(0, -1)

  async function stop(name: NodeJS.Signals = 'SIGTERM'): Promise<number | undefined> {
    if (isRunning()) child.kill(name)
    return exited
  }

  afterTest(t, async () => {
    // A process that was stopped (SIGSTOP) does not hear SIGTERM.
    if (isRunning()) child.kill('SIGCONT')
    const killer = setTimeout(() => child.kill('SIGKILL'), shutdownMs)
    await stop()
    clearTimeout(killer)
  })

  return {
    pid: child.pid ?? 0,
    isRunning,
    output: () => output,
    async line(pattern) {
      const deadline = performance.now() + startupMs
      for (;;) {
        const mayCome = isRunning() && performance.now() < deadline
        const found = completeLines().find((line) => pattern.test(line))
        if (found !== undefined) return found
        if (!mayCome) throw new Error(`${command} did not print ${String(pattern)}:\n${output}`)
        await sleep(10)
      }
    },
    signal: (name) => {
      child.kill(name)
    },
    stop,
    exited,
  }
}

/**
 * A port for programs that cannot choose one themselves. Below those that the kernel gives out, or
 * it might give this one to somebody else before it is used.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000)
    if (await isFree(port)) return port
  }
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
    return true
  } catch {
    return false
  } finally {
    server.close()
  }
}

/** Resolves when `running` accepts connections on the port; throws when it ended instead. */
export async function waitForPort(port: number, running: RunningProcess): Promise<void> {
  const deadline = performance.now() + startupMs
  while (!(await accepts(port))) {
    if (!running.isRunning() || performance.now() > deadline) {
      throw new Error(`nothing listens on port ${port}:\n${running.output()}`)
    }
    await sleep(20)
  }
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

/** A folder of the test's own, removed after it. */
export function temporaryFolder(t: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-'))
  afterTest(t, () => {
    // Programs of a program that has ended may write for a moment more.
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 })
  })
  return folder
}
