// The forwarder behind a plain node:http server, as `http/` uses it, and upstreams to talk to.
import { once } from 'node:events'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import type { Upstream } from '../../../src/core/upstream.ts'
import { createForwarder, type ForwarderOptions } from '../../../src/upstream/forwarder.ts'
import type { ForwardFailure, Passage } from '../../../src/upstream/passage.ts'
import { createTargets } from '../../../src/upstream/targets.ts'
import { upgradeResponse } from '../../../src/upstream/tunnel.ts'
import { afterTest, type Cleanup } from '../../support/cleanup.ts'

export const defaultOptions: ForwarderOptions = {
  pass_host_header: true,
  upstream_timeout: 10_000,
  ssl_upstream_insecure_skip_verify: false,
  ssl_insecure_skip_verify: false,
  disable_keep_alives: false,
  proxy_websockets: true,
}

/** Adds nothing; strips identity headers and our cookies. */
export const plainPassage: Passage = {
  requestHeaders: {},
  isStripped: (name) => /^x-(?:auth-request|forwarded)-(?:user|email|groups)$/.test(name),
  isOwnCookie: (name) => name.startsWith('_oauth2_proxy'),
  responseHeaders: {},
}

export interface Proxy {
  readonly port: number
  /** How each request ended, in that order; `ok` when it got its answer. */
  readonly outcomes: string[]
}

const statuses: Readonly<Record<ForwardFailure['kind'], number>> = {
  'bad-request': 400,
  unreachable: 502,
  closed: 502,
  broken: 502,
  timeout: 504,
  'client-gone': 500,
  'session-ended': 401,
}

export async function startProxy(
  t: Cleanup,
  upstreams: readonly Upstream[],
  settings: { options?: Partial<ForwarderOptions>; passage?: Partial<Passage> } = {},
): Promise<Proxy> {
  const forwarder = createForwarder({ ...defaultOptions, ...settings.options })
  const passage = { ...plainPassage, ...settings.passage }
  const targets = createTargets(upstreams)
  const outcomes: string[] = []

  function finish(outgoing: ServerResponse, failure: ForwardFailure | undefined): void {
    outcomes.push(failure?.kind ?? 'ok')
    if (failure === undefined || outgoing.headersSent) return
    outgoing.writeHead(statuses[failure.kind], { 'x-failure': failure.kind }).end(failure.kind)
  }

  const server = createServer((incoming, outgoing) => {
    const target = targets.find(incoming.url ?? '')
    if (target === undefined) outgoing.writeHead(404).end()
    else if (target.kind === 'redirect') outgoing.writeHead(301, target).end()
    else {
      const { upstream } = target
      void forwarder
        .forward({ incoming, outgoing, upstream, passage })
        .then((failure) => finish(outgoing, failure))
    }
  })
  server.on('upgrade', (incoming, _socket, head) => {
    const outgoing = upgradeResponse(incoming)
    const target = targets.find(incoming.url ?? '')
    if (target?.kind !== 'upstream') outgoing.writeHead(404).end()
    else {
      const { upstream } = target
      void forwarder
        .forwardUpgrade({ incoming, outgoing, head, upstream, passage })
        .then((failure) => finish(outgoing, failure))
    }
  })
  afterTest(t, () => forwarder.close())
  return { port: await listen(t, server), outcomes }
}

/** An upstream of node:http; `httpUpstream(port)` routes to it. */
export async function startUpstream(t: Cleanup, handler: RequestListener): Promise<number> {
  return listen(t, createServer(handler))
}

/** An upstream that speaks whatever the test wants; told of each connection. */
export async function startRawUpstream(
  t: Cleanup,
  onConnection: (socket: Socket) => void,
  { allowHalfOpen = false } = {},
): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createTcpServer({ allowHalfOpen }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return (server.address() as AddressInfo).port
}

/** A port that nothing listens on. */
export async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

export function httpUpstream(port: number, path = '/', scheme = 'http'): Upstream {
  return { kind: 'http', path, url: new URL(`${scheme}://127.0.0.1:${port}${path}`) }
}

export async function listen(t: Cleanup, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    server.close()
    server.closeAllConnections()
  })
  return (server.address() as AddressInfo).port
}

/** Bytes as text, one character each. */
export const bytes = (text: string): Buffer => Buffer.from(text, 'latin1')

export interface RawClient {
  readonly socket: Socket
  /** Everything received so far, one character for each byte. */
  received(): string
  /** The code of the socket's error, if any. */
  readonly closed: Promise<string | undefined>
}

/** A client that sends exactly these bytes. */
export function rawClient(t: Cleanup, port: number, text: string): RawClient {
  const socket = connect(port, '127.0.0.1')
  let received = ''
  let code: string | undefined
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1')
  })
  socket.on('error', (error: Error & { code?: string }) => {
    code = error.code
  })
  socket.write(bytes(text))
  afterTest(t, () => socket.destroy())
  const closed = new Promise<string | undefined>((resolve) => {
    socket.once('close', () => resolve(code))
  })
  return { socket, received: () => received, closed }
}

/** Sends bytes (they must ask for `Connection: close`) and returns everything that comes back. */
export async function rawRequest(t: Cleanup, port: number, text: string): Promise<string> {
  const client = rawClient(t, port, text)
  await client.closed
  return client.received()
}

export interface RecordingUpstream {
  readonly port: Promise<number>
  /** The head of each request. */
  readonly heads: string[]
  /** All bytes of all connections. */
  received(): string
}

/** Answers each head with `ok`. */
export function recordingUpstream(t: Cleanup): RecordingUpstream {
  const heads: string[] = []
  let all = ''
  const port = startRawUpstream(t, (socket) => {
    let pending = ''
    socket.on('data', (chunk: Buffer) => {
      all += chunk.toString('latin1')
      pending += chunk.toString('latin1')
      const end = pending.indexOf('\r\n\r\n')
      if (end === -1) return
      heads.push(pending.slice(0, end))
      pending = pending.slice(end + 4)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
  })
  return { port, heads, received: () => all }
}
