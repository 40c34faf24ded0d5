import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { requireComponent } from './components.ts'
import { freePort, startProcess, temporaryFolder, waitForPort } from './process.ts'

export interface RunningTinyproxy {
  /** With the password that it asks for. */
  readonly url: string
  /** `CONNECT 0.0.0.0:8443`, `GET http://0.0.0.0:8080/keys`, in the order received. */
  requests(): readonly string[]
}

/** A real forward proxy that lets through whoever knows its password. */
export async function startTinyproxy(t: TestContext): Promise<RunningTinyproxy | undefined> {
  const command = requireComponent(t, 'tinyproxy')
  if (command === undefined) return undefined
  const port = await freePort()
  const file = join(temporaryFolder(t), 'tinyproxy.conf')
  writeFileSync(
    file,
    [`Port ${port}`, 'Listen 127.0.0.1', 'BasicAuth user hunter2', 'LogLevel Connect', ''].join(
      '\n',
    ),
  )
  const running = startProcess(t, command, ['-d', '-c', file])
  await waitForPort(port, running)
  return {
    url: `http://user:hunter2@127.0.0.1:${port}`,
    requests: () =>
      [...running.output().matchAll(/Request \(file descriptor \d+\): (.*) HTTP/g)].map(
        ([, request = '']) => request,
      ),
  }
}
