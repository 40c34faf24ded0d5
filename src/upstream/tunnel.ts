// WebSocket: after the handshake, bytes both ways until one side closes or the session ends.
import { ServerResponse, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { ForwardFailure, Passage } from './passage.ts'
import { responseHead } from './response-head.ts'

/** How long a tunnel may be silent before the kernel asks whether the peer is still there. */
const keepAliveMs = 30_000

/** As RFC 6455 4.1 has it, without a body that could be read as a second request. */
export function isWebSocketUpgrade({ method, httpVersion, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    httpVersion === '1.1' &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-key'] !== undefined &&
    headers['content-length'] === undefined &&
    headers['transfer-encoding'] === undefined
  )
}

/**
 * The response to a request that arrived in a server's 'upgrade' event, which gives only its
 * socket. Whatever is answered but 101 closes the connection.
 */
export function upgradeResponse(incoming: IncomingMessage): ServerResponse {
  const { socket } = incoming
  const outgoing = new ServerResponse(incoming)
  outgoing.shouldKeepAlive = false
  outgoing.assignSocket(socket)
  // The server has let go of the socket: without a listener an error would end the process.
  socket.on('error', () => socket.destroy())
  outgoing.once('finish', () => {
    if (outgoing.statusCode !== 101) socket.destroySoon()
  })
  return outgoing
}

export interface Tunnel {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly passage: Passage
  /** What the client sent behind its request. */
  readonly head: Buffer
  /** The upstream's 101, its socket, and what it sent behind the 101. */
  readonly received: IncomingMessage
  readonly socket: Socket
  readonly early: Buffer
}

/** Passes the 101 on; resolves when the tunnel is closed. */
export function openTunnel(tunnel: Tunnel): Promise<ForwardFailure | undefined> {
  const { incoming, outgoing, passage, received, socket: upstream } = tunnel
  const client = incoming.socket
  upstream.on('error', () => upstream.destroy())
  if (received.headers.upgrade?.toLowerCase() !== 'websocket') {
    upstream.destroy()
    throw new Error('the upstream switched to another protocol')
  }
  outgoing.writeHead(101, 'Switching Protocols', [
    ...responseHead(received, passage.responseHeaders),
    'Connection',
    'Upgrade',
    'Upgrade',
    'websocket',
  ])
  outgoing.end()
  outgoing.detachSocket(client)
  client.write(tunnel.early)
  upstream.write(tunnel.head)
  return join(client, upstream, passage.signal)
}

function join(
  client: Socket,
  upstream: Socket,
  signal: AbortSignal | undefined,
): Promise<ForwardFailure | undefined> {
  return new Promise((resolve) => {
    let failure: ForwardFailure | undefined

    function finish(): void {
      client.destroySoon()
      upstream.destroySoon()
    }

    function onSessionEnd(): void {
      failure = { kind: 'session-ended', detail: 'the session ended' }
      client.destroy()
      upstream.destroy()
    }

    signal?.addEventListener('abort', onSessionEnd)
    for (const side of [client, upstream]) {
      side.setTimeout(0)
      side.setKeepAlive(true, keepAliveMs)
      side.once('end', finish)
      side.once('close', finish)
    }
    client.once('close', () => {
      signal?.removeEventListener('abort', onSessionEnd)
      resolve(failure)
    })
    client.pipe(upstream)
    upstream.pipe(client)
  })
}
