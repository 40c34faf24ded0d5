import type { ServerResponse } from 'node:http'
import type { Passage } from './passage.ts'
import { flatHeaders } from './response-head.ts'

/** `static://STATUS`: says that one is signed in, and nothing else. */
export function answerStatic(
  { outgoing, passage }: { outgoing: ServerResponse; passage: Passage },
  { status }: { status: number },
): undefined {
  const body = 'Authenticated'
  const headers = { ...passage.responseHeaders, 'content-type': 'text/plain; charset=utf-8' }
  const hasBody = status !== 204 && status !== 304
  const framing = hasBody ? { 'content-length': String(body.length) } : {}
  outgoing.writeHead(status, flatHeaders({ ...headers, ...framing }))
  outgoing.end(body)
}
