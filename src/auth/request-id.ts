import { randomUUID } from 'node:crypto'
import type { RequestHeaders } from '../core/http.ts'

/** A request id from outside is kept when it is a plain short token; anything else gets a new one. */
const plainRequestId = /^[\w.:/+=@-]{1,128}$/

/** Reads `request_id_header`, else makes one that looks like a UUID (RFC 9562 4). */
export function createRequestId(
  headerName: string,
): (request: { readonly headers: RequestHeaders }) => string {
  const name = headerName.toLowerCase()
  const newId = createUniqueIds()
  return ({ headers }) => {
    const given = headers[name]
    return typeof given === 'string' && plainRequestId.test(given) ? given : newId()
  }
}

/** Its start is drawn once, its last 48 bits count: it has to differ, not to be secret. */
function createUniqueIds(): () => string {
  const start = randomUUID().slice(0, -12)
  let count = 0
  return () => {
    count += 1
    return start + count.toString(16).padStart(12, '0')
  }
}
