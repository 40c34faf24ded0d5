// `npm run bench:grpc`: what a check over gRPC costs, beside the same check over HTTP and a bare
// HTTP/2 server; how to read it: docs/performance.md. Linux only.
import { connect, type ClientHttp2Session } from 'node:http2'
import { afterTest, type Cleanup, createCleanup } from '../support/cleanup.ts'
import { checkPath, checkRequest as envoyCheckRequest } from '../support/ext-authz.ts'
import { freePort, startProcess } from '../support/process.ts'
import { readArguments, type BenchArguments } from './arguments.ts'
import { sendLoad } from './load.ts'
import { cpuSeconds } from './process-usage.ts'
import { sallyport } from './programs.ts'
import { table } from './report.ts'
import { checkRequest } from './requests.ts'
import { startService } from './service.ts'
import { signInAt } from './sessions.ts'
import { median } from './statistics.ts'
import { startSurroundings } from './surroundings.ts'

const lanes = 32

interface Contender {
  readonly name: string
  readonly pid: number
  /** Sends so many requests, 32 at a time. */
  send(requests: number): Promise<unknown>
}

const browserHeaders = {
  ':method': 'GET',
  ':scheme': 'https',
  accept: 'application/json',
  'accept-encoding': 'gzip, deflate, br',
  'accept-language': 'en-GB,en;q=0.9,de;q=0.8',
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'x-forwarded-for': '203.0.113.7',
  'x-forwarded-proto': 'https',
  'x-request-id': '5b1ec1fe-8e2e-4c62-9f3c-1a2b3c4d5e6f',
}

function frameOf(cookie: string): Buffer {
  const message = envoyCheckRequest({
    path: '/deep/link?x=1',
    headers: { ...browserHeaders, cookie },
  })
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

function overHttp2(t: Cleanup, port: number, frame: Buffer): Contender['send'] {
  const session = connect(`http://127.0.0.1:${port}`)
  afterTest(t, () => {
    session.close()
  })
  return async (requests) => {
    let left = requests
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        await callOnce(session, frame)
      }
    }
    await Promise.all(Array.from({ length: lanes }, lane))
  }
}

function callOnce(session: ClientHttp2Session, frame: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': checkPath,
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    let bytes = 0
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    // An answer that lets nobody pass is shorter, and not what is measured here.
    stream.on('end', () =>
      bytes > 300 ? resolve() : reject(new Error(`answer of ${bytes} bytes`)),
    )
    stream.on('error', reject)
    stream.end(frame)
  })
}

async function startContenders(t: Cleanup, args: BenchArguments): Promise<readonly Contender[]> {
  const { settings } = await startSurroundings(t)
  const grpcPort = await freePort()
  const grpc = { grpc_address: `127.0.0.1:${grpcPort}` }
  const service = await startService(t, sallyport(args), { ...settings, ...grpc })
  const cookie = await signInAt(service)
  const frame = frameOf(cookie)
  const bare = startProcess(t, process.execPath, ['test/bench/bare-grpc-server.ts'])
  const barePort = Number(/\d+$/.exec(await bare.line(/^listening/))?.[0])
  const { pid, port } = service
  const request = checkRequest('nginx', cookie)
  const load = { port, status: 202, keepsConnections: true, requests: [request] }
  return [
    { name: 'bare HTTP/2 server', pid: bare.pid, send: overHttp2(t, barePort, frame) },
    { name: 'session in the cookie, gRPC', pid, send: overHttp2(t, grpcPort, frame) },
    {
      name: 'session in the cookie, HTTP/1.1',
      pid,
      send: (requests) => sendLoad(load, requests),
    },
  ]
}

/** In turns, after one round that warms up: CPU of the process per request, microseconds. */
async function measure(
  contenders: readonly Contender[],
  { rounds, requests }: BenchArguments,
): Promise<readonly (readonly number[])[]> {
  const costs = contenders.map((): number[] => [])
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, { pid, send }] of contenders.entries()) {
      const before = cpuSeconds(pid)
      await send(requests)
      if (round > 0) costs[index]?.push(((cpuSeconds(pid) - before) / requests) * 1e6)
    }
  }
  return costs
}

const cleanup = createCleanup()
try {
  const args = readArguments(process.argv.slice(2))
  const contenders = await startContenders(cleanup, args)
  const costs = await measure(contenders, args)
  const rows = contenders.map(({ name }, index) => {
    const own = costs[index] ?? []
    const range = `${Math.min(...own).toFixed(0)} - ${Math.max(...own).toFixed(0)}`
    return [name, median(own).toFixed(0), range]
  })
  console.log(table(['check', 'CPU µs', 'lowest - highest'], rows))
} finally {
  await cleanup.run()
}
