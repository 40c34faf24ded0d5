import { randomUUID } from 'node:crypto'
import type { RequestHeaders } from '../core/http.ts'

/** A request id from outside is kept when it is a plain short token; anything else gets a new one. */
const plainRequestId = /^[\w.:/+=@-]{1,128}$/

/** Reads `request_id_header`, else makes a UUID. */
export function createRequestId(
  headerName: string,
): (request: { readonly headers: RequestHeaders }) => string {
  const name = headerName.toLowerCase()
  return ({ headers }) => {
    const given = headers[name]
    return typeof given === 'string' && plainRequestId.test(given) ? given : randomUUID()
  }
}
