// wrk in place of our own load generator: it sleeps between answers, as gateways do.
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Cleanup } from '../support/cleanup.ts'
import { temporaryFolder } from '../support/process.ts'
import { connections, type Load, type Sent } from './load.ts'

/** One second of a round for so many requests of ours. */
const requestsPerSecond = 10_000

/** wrk cannot read a status without slowing down: it only knows those of errors, from 400 up. */
const script = `
local requests, index = {}, 0
function init(args)
  local file = assert(io.open(args[1], 'rb'))
  local length = file:read('*n')
  while length do
    file:read(1)
    requests[#requests + 1] = file:read(length)
    length = file:read('*n')
  end
end
function request()
  index = index % #requests + 1
  return requests[index]
end
function done(summary, latency)
  io.write(string.format(
    '{"requests":%d,"seconds":%f,"p50Ms":%f,"p99Ms":%f,"refused":%d,"failed":%d}\\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, summary.errors.status,
    summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
`

type Summary = Sent & { readonly refused: number; readonly failed: number }

/** A sender like `sendLoad`; rejects when wrk is not installed, or an answer is not as expected. */
export function createWrk(t: Cleanup): (load: Load, requests: number) => Promise<Sent> {
  const folder = temporaryFolder(t)
  const scriptPath = join(folder, 'script.lua')
  const requestsPath = join(folder, 'requests')
  writeFileSync(scriptPath, script)

  return async ({ port, status, requests: list }, requests) => {
    writeFileSync(requestsPath, Buffer.concat(list.flatMap(framed)), { mode: 0o600 })
    const seconds = Math.ceil(requests / requestsPerSecond)
    const { stdout } = await promisify(execFile)('wrk', [
      '--threads=1',
      `--connections=${connections}`,
      `--duration=${seconds}s`,
      `--script=${scriptPath}`,
      `http://127.0.0.1:${port}`,
      requestsPath,
    ])
    const summary = JSON.parse(stdout.slice(stdout.lastIndexOf('\n{'))) as Summary
    const refused = status < 400 ? 0 : summary.requests
    if (summary.failed > 0 || summary.refused !== refused) {
      throw new Error(`expected ${status} everywhere, wrk says:\n${stdout}`)
    }
    return summary
  }
}

function framed(request: Uint8Array): readonly Uint8Array[] {
  return [Buffer.from(`${request.length}\n`), request]
}
