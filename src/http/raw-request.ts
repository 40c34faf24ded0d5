import type { IncomingMessage } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { RawRequest } from '../core/http.ts'

export function toRawRequest(request: IncomingMessage, requestId: string): RawRequest {
  return {
    method: request.method ?? 'GET',
    url: request.url ?? '/',
    headers: request.headers,
    peer: request.socket.remoteAddress ?? '',
    isEncrypted: request.socket instanceof TLSSocket,
    requestId,
  }
}

/** The query of a request target; undecodable pairs are kept as WHATWG reads them. */
export function queryOf(url: string): URLSearchParams {
  const mark = url.indexOf('?')
  return new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1))
}

/** The path of a request target exactly as sent. */
export function pathOf(url: string): string {
  const mark = url.indexOf('?')
  return mark === -1 ? url : url.slice(0, mark)
}

/** Is it one of our own endpoints, or would be if it existed? */
export function isPortalPath(url: string | undefined, prefix: string): boolean {
  return url?.startsWith(`${prefix}/`) === true
}
