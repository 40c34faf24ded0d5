// What of a connection must be known before a request on it counts.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * SEC-2: the peer of a unix socket has no address and is trusted. A TCP client that resets its
 * connection at once has none either, and its request is still read: nobody knows whose it is. Node
 * keeps an address that was asked for while it was there.
 */
export function refuseNamelessPeers(server: Server): void {
  const refuse = (socket: Socket): void => {
    const isUnixSocket = typeof server.address() === 'string'
    if (socket.remoteAddress === undefined && !isUnixSocket) socket.destroy()
  }
  server.on('connection', refuse)
  // With TLS requests come on a socket of its own, after the handshake.
  server.on('secureConnection', refuse)
}

export interface UnaskedConnections {
  /** Ends those on which nothing has been sent yet. */
  destroy(): void
}

/** node counts a new connection as busy until its first request, or `headersTimeout`, is over. */
export function trackUnasked(server: Server): UnaskedConnections {
  const readAtOpening = new Map<Socket, number>()
  const track = (socket: Socket): void => {
    readAtOpening.set(socket, socket.bytesRead)
    socket.once('close', () => readAtOpening.delete(socket))
  }
  server.on('connection', track)
  server.on('secureConnection', track)
  return {
    destroy() {
      for (const [socket, bytes] of readAtOpening) if (socket.bytesRead === bytes) socket.destroy()
    },
  }
}

export interface AnswerTracker {
  /** Call it with a server to have its answers tracked. */
  track(server: Server): void
  /** Does an earlier request on this one's connection still wait for its answer (pipelining)? */
  isBehindAnother(request: IncomingMessage): boolean
}

/** Answers leave a connection in order: when the latest is over, all are. */
export function createAnswerTracker(): AnswerTracker {
  const latest = new WeakMap<Socket, ServerResponse>()
  return {
    track(server) {
      server.on('request', (request: IncomingMessage, response: ServerResponse) => {
        latest.set(request.socket, response)
      })
    },
    isBehindAnother: ({ socket }) => latest.get(socket)?.closed === false,
  }
}
