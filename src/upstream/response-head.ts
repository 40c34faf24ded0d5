// What of an upstream's header section goes to the client.
import type { IncomingMessage } from 'node:http'
import { foldName } from '../lib/header-name.ts'
import { connectionOptions, isHopByHop, toFields } from './header-fields.ts'
import type { Passage } from './passage.ts'

type ResponseHeaders = Passage['responseHeaders']

/** As node:http takes them: name, value, name, value, ... */
export function responseHead(
  response: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  ours: ResponseHeaders,
): string[] {
  const fields = toFields(response.rawHeaders)
  const options = connectionOptions(fields)
  const replaced = replacedNames(ours)
  const headers: string[] = []
  for (const [name, value] of fields) {
    const folded = foldName(name)
    const isKept = !isHopByHop(folded) && !options.has(folded) && !replaced.has(folded)
    // Last of all: node:http refuses or rewrites a non-ASCII Content-Disposition that follows it.
    if (isKept && folded !== 'content-length') headers.push(name, value)
  }
  headers.push(...flatHeaders(ours))
  const length = response.headers['content-length']
  return length === undefined ? headers : [...headers, 'Content-Length', length]
}

export function responseTrailers(
  response: IncomingMessage,
  ours: ResponseHeaders,
): [string, string][] {
  const replaced = replacedNames(ours)
  return toFields(response.rawTrailers)
    .filter(([name]) => !isHopByHop(foldName(name)) && !replaced.has(foldName(name)))
    .map(([name, value]) => [name, value])
}

/** One line for each value. */
export function flatHeaders(headers: ResponseHeaders): string[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [name, value]),
  )
}

function replacedNames(ours: ResponseHeaders): ReadonlySet<string> {
  return new Set(
    Object.keys(ours)
      .map(foldName)
      .filter((name) => name !== 'set-cookie'),
  )
}
