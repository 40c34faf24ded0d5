import { parseIpRange, type IpRange } from '../../lib/ip.ts'
import { accept, refine, refuse, type Kind, type Parsed } from '../kind.ts'
import { listOf } from './list.ts'
import { text } from './text.ts'

const everyone = { problem: 'is every address there is', fix: 'name the networks you mean' }

export const ipRanges: Kind<readonly IpRange[]> = listOf(
  { type: 'list of IP addresses or CIDR networks' },
  (entry) => {
    const range = parseIpRange(entry)
    return range === undefined
      ? refuse(
          'is neither an IP address nor a network without host bits',
          'write for example 10.0.0.1, 10.0.0.0/8 or fd00::/8',
        )
      : accept(range, range.source.endsWith('/0') ? [everyone] : [])
  },
)

/** Where a server listens. An empty host means all interfaces. */
export type ListenAddress =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string }

const addressFix = 'write host:port, :port for all interfaces, or unix:///path'
const addressType = { type: 'address' }

export const listenAddress: Kind<ListenAddress> = refine(text, addressType, parseAddress)

/** Undefined (`''` or `-`): does not listen. */
export const optionalListenAddress: Kind<ListenAddress | undefined> = refine(
  text,
  addressType,
  (value) => (value === '' || value === '-' ? accept(undefined) : parseAddress(value)),
)

function parseAddress(value: string): Parsed<ListenAddress> {
  if (value.startsWith('unix://')) {
    const path = value.slice('unix://'.length)
    return path.startsWith('/') && !path.includes(',')
      ? accept({ kind: 'unix', path })
      : refuse('is no absolute socket path (a file mode is not served)', addressFix)
  }
  const address = value.replace(/^http:\/\//, '')
  const match = /^(?!fd:)(?:\[([\da-f:.]+)\]|([\w.-]*)):(\d{1,5})$/i.exec(address)
  const port = Number(match?.[3])
  if (!match || port > 65_535) return refuse('is no address to listen on', addressFix)
  return accept({ kind: 'tcp', host: match[1] ?? match[2] ?? '', port })
}

const clientIpHeaders = [
  'X-Forwarded-For',
  'X-Real-IP',
  'X-ProxyUser-IP',
  'X-Envoy-External-Address',
  'CF-Connecting-IP',
]

/** The header that names the client, in its usual spelling; any case is accepted. */
export const clientIpHeader: Kind<string> = refine(
  text,
  { type: 'header name', schema: { type: 'string' } },
  (value) => {
    const known = clientIpHeaders.find((name) => name.toLowerCase() === value.toLowerCase())
    return known === undefined
      ? refuse('is not a header that carries a client address', `use ${clientIpHeaders.join(', ')}`)
      : accept(known)
  },
)

export const headerName: Kind<string> = refine(text, { type: 'header name' }, (value) =>
  /^[\w!#$%&'*+.^`|~-]+$/.test(value)
    ? accept(value)
    : refuse('is not a header name', 'use letters, digits and hyphens'),
)
