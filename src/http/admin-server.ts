// The admin listener: apart from the public one, which knows nothing of it (SEC-41).
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import type { Admin } from '../auth/admin.ts'

export interface AdminServerDeps {
  /** Host and port, or the path of a unix socket. An empty host means all interfaces. */
  readonly address: Pick<ListenOptions, 'host' | 'port' | 'path'>
  readonly admin: Admin
}

export interface AdminServer {
  /** As bound; undefined for a unix socket. */
  readonly port: number | undefined
  close(): Promise<void>
}

/** Rejects when it cannot listen. */
export async function startAdminServer({ address, admin }: AdminServerDeps): Promise<AdminServer> {
  const server = createServer(
    { requestTimeout: 10_000, maxHeaderSize: 8192 },
    (request, response) => void serve(request, response, admin),
  )
  server.listen(address)
  await once(server, 'listening')
  const bound = server.address() as AddressInfo | string
  return {
    port: typeof bound === 'string' ? undefined : bound.port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  admin: Admin,
): Promise<void> {
  const { method = '', url = '', headers, socket } = request
  const requestId = randomUUID()
  const {
    status,
    headers: own,
    body,
  } = await admin({
    method,
    url,
    requestId,
    authorization: headers.authorization,
    peer: socket.remoteAddress ?? '',
    host: headers.host ?? '',
  })
  response.writeHead(status, {
    'cache-control': 'no-store',
    'content-type': 'application/json',
    'x-content-type-options': 'nosniff',
    'x-request-id': requestId,
    ...own,
  })
  response.end(`${JSON.stringify(body)}\n`)
}
