// What of a client's header section goes to the upstream, and which requests go nowhere.
import type { IncomingMessage } from 'node:http'
import { normalizeIp } from '../lib/ip.ts'
import { foldName } from '../lib/header-name.ts'
import { connectionOptions, isHopByHop, toFields, type Field } from './header-fields.ts'
import type { Passage } from './passage.ts'

export interface RequestHead {
  /** As node:http takes them: name, value, name, value, ... */
  readonly headers: readonly string[]
  readonly hasBody: boolean
}

/** Beside identity headers: what apps rely on, so that no client may have it dropped. */
const essential = /^(?:host|cookie|authorization|origin|referer|forwarded|x-real-ip)$/
const essentialFamilies = /^(?:content|sec|x-forwarded)-/

/** Those that node:http sends without a framing header when there is no body. */
const bodylessMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE'])

/**
 * `host` is the upstream's own, for when the client's is not passed on or not there. Undefined: to
 * be refused (SEC-36), for what node:http's parser lets through and upstreams read differently.
 */
export function requestHead(
  incoming: IncomingMessage,
  { passage, host }: { passage: Passage; host: string },
): RequestHead | undefined {
  const fields = toFields(incoming.rawHeaders)
  const options = connectionOptions(fields)
  const isOurs = ownership(passage)
  const hidesEssential = [...options].some((name) => isEssential(name) || isOurs(name))
  if (hidesEssential || !isUnambiguous(incoming, fields)) return undefined

  const headers = ['Host', host]
  for (const [name, value] of fields) {
    const folded = foldName(name)
    if (isHopByHop(folded) || options.has(folded) || isOurs(folded)) continue
    if (setApart.has(folded)) continue
    const kept = folded === 'cookie' ? foreignCookies(value, passage) : value
    if (kept !== '' || value === '') headers.push(name, kept)
  }
  for (const field of Object.entries(passage.requestHeaders)) headers.push(...field)
  const forwardedFor = hops(incoming, passage)
  if (forwardedFor !== '') headers.push('X-Forwarded-For', forwardedFor)
  return withFraming(headers, incoming)
}

/** Trailers that are no second try at what the header section may not say. */
export function requestTrailers(incoming: IncomingMessage, passage: Passage): [string, string][] {
  const isOurs = ownership(passage)
  return toFields(incoming.rawTrailers)
    .filter(([name]) => {
      const folded = foldName(name)
      return !isHopByHop(folded) && !isEssential(folded) && !isOurs(folded)
    })
    .map(([name, value]) => [name, value])
}

/** Not copied: made anew from what the parser understood. `Expect` is the server's to answer. */
const setApart: ReadonlySet<string> = new Set([
  'content-length',
  'expect',
  'host',
  'x-forwarded-for',
])

function isUnambiguous(incoming: IncomingMessage, fields: readonly Field[]): boolean {
  const { httpVersion, url = '', headers } = incoming
  const encoding = headers['transfer-encoding']
  const isFramed =
    encoding === undefined || (encoding.toLowerCase() === 'chunked' && httpVersion === '1.1')
  const hosts = fields.filter(([name]) => name.toLowerCase() === 'host')
  const isHttp1 = httpVersion === '1.1' || httpVersion === '1.0'
  return isHttp1 && isFramed && hosts.length <= 1 && url.startsWith('/')
}

function isEssential(folded: string): boolean {
  return essential.test(folded) || essentialFamilies.test(folded)
}

/** Is a header (folded name) ours to set, so that the client's copy does not count? */
function ownership({ requestHeaders, isStripped }: Passage): (folded: string) => boolean {
  const set = new Set(Object.keys(requestHeaders).map(foldName))
  return (folded) => set.has(folded) || isStripped(folded)
}

/** A `Cookie` value without our own cookies, the rest as it was sent. */
function foreignCookies(value: string, { isOwnCookie }: Passage): string {
  const cookies = value.split(';')
  const kept = cookies.filter((cookie) => !isOwnCookie(cookie.replace(/=.*$/s, '').trim()))
  return kept.length === cookies.length ? value : kept.join(';').trimStart()
}

function hops({ headers, socket }: IncomingMessage, { isStripped }: Passage): string {
  const earlier = isStripped('x-forwarded-for') ? undefined : headers['x-forwarded-for']
  const peer = normalizeIp(socket.remoteAddress ?? '')
  return [earlier, peer].filter(Boolean).join(', ')
}

function withFraming(
  headers: string[],
  { headers: received, method }: IncomingMessage,
): RequestHead {
  const length = received['content-length']
  const isChunked = received['transfer-encoding'] !== undefined
  if (isChunked) headers.push('Transfer-Encoding', 'chunked')
  else if (length !== undefined) headers.push('Content-Length', length)
  else if (!bodylessMethods.has(method ?? '')) headers.push('Content-Length', '0')
  return { headers, hasBody: isChunked || Number(length ?? 0) > 0 }
}
