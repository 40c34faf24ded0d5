// The socket that gRPC is served on. Ours, not the library's: its own neither follows a certificate
// nor lets go of a connection whose TLS handshake never ends.
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer, type SecureContextOptions } from 'node:tls'
import type { ListenerAddress } from '../lib/http-listener.ts'

/** What the listener is served with, and its renewals. With `ca`, clients must show a certificate. */
export interface GrpcTls {
  current(): SecureContextOptions
  follow(use: (material: SecureContextOptions) => void): void
}

export interface GrpcListener {
  /** As bound: `host:port` or `unix:path`. */
  readonly address: string
  /** Takes no new connections. */
  close(): void
  /** Ends all connections, those in the middle of a handshake too. */
  destroy(): void
}

const handshakeTimeoutMs = 10_000

/** Hands over each connection, with TLS after its handshake. Rejects when it cannot listen. */
export async function listen(
  address: ListenerAddress,
  tls: GrpcTls | undefined,
  serve: (connection: Socket) => void,
): Promise<GrpcListener> {
  const connections = new Set<Socket>()
  const server = tls ? createSecureServer(tls, serve) : createServer(serve)
  server.on('connection', (connection: Socket) => {
    connections.add(connection)
    connection.once('close', () => connections.delete(connection))
  })
  server.listen(address)
  await once(server, 'listening')
  return {
    address: describe(server.address()),
    close: () => void server.close(),
    destroy() {
      for (const connection of connections) connection.destroy()
    },
  }
}

function createSecureServer(tls: GrpcTls, serve: (connection: Socket) => void): Server {
  const material = tls.current()
  const asksForCertificate = material.ca !== undefined
  const settings = {
    ...material,
    ALPNProtocols: ['h2'],
    handshakeTimeout: handshakeTimeoutMs,
    requestCert: asksForCertificate,
    rejectUnauthorized: asksForCertificate,
  }
  const server = createTlsServer(settings, serve)
  tls.follow((renewed) => server.setSecureContext(renewed))
  return server
}

function describe(bound: AddressInfo | string | null): string {
  if (bound === null || typeof bound === 'string') return `unix:${bound}`
  return bound.family === 'IPv6'
    ? `[${bound.address}]:${bound.port}`
    : `${bound.address}:${bound.port}`
}
