// The admin listener: apart from the public one, which knows nothing of it (SEC-41).
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Admin } from '../auth/admin.ts'
import { startHttpListener, type HttpListener, type ListenerAddress } from '../lib/http-listener.ts'

export interface AdminServerDeps {
  readonly address: ListenerAddress
  readonly admin: Admin
}

/** Rejects when it cannot listen. */
export function startAdminServer({ address, admin }: AdminServerDeps): Promise<HttpListener> {
  return startHttpListener(address, (request, response) => void serve(request, response, admin))
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
