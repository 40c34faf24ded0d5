import ipaddr from 'ipaddr.js'

/** A network: one address is a network of its own. IPv4-mapped IPv6 counts as IPv4. */
export interface IpRange {
  readonly source: string
  contains(address: string): boolean
}

/** Private, loopback, link-local and carrier-grade NAT networks: where a cluster's gateways live. */
export const privateRanges: readonly IpRange[] = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fc00::/7',
  'fe80::/10',
].map((source) => mustParse(source))

/**
 * `10.0.0.1`, `10.0.0.0/8`, `fd00::/8`. Undefined for anything else, and for a network with host
 * bits set (`10.0.0.1/8`), which names something other than what its author thinks.
 */
export function parseIpRange(source: string): IpRange | undefined {
  const [text = '', bits, ...rest] = source.split('/')
  const address = parseIp(text)
  if (address === undefined || rest.length > 0) return undefined
  if (bits !== undefined && !/^\d{1,3}$/.test(bits)) return undefined
  const width = address.kind() === 'ipv4' ? 32 : 128
  // `::ffff:10.0.0.0/104` is `10.0.0.0/8`: the bits count as written.
  const mappedBits = text.includes(':') ? 128 - width : 0
  const prefix = bits === undefined ? width : Number(bits) - mappedBits
  if (prefix < 0 || prefix > width) return undefined
  if (hasHostBits(address.toByteArray(), prefix)) return undefined
  return {
    source,
    contains(candidate) {
      const other = parseIp(candidate)
      if (other === undefined || other.kind() !== address.kind()) return false
      return other.match(address, prefix)
    },
  }
}

/** The address in canonical text: unmapped, without zone. Undefined when it is none. */
export function normalizeIp(address: string): string | undefined {
  return parseIp(address)?.toString()
}

/**
 * What one party is taken to hold: an IPv4 address, a /64 of IPv6. Anything else, such as the empty
 * name of a unix socket's peer, is one party.
 */
export function partyOf(address: string): string {
  const parsed = parseIp(address)
  if (parsed?.kind() !== 'ipv6') return parsed?.toString() ?? ''
  return (parsed as ipaddr.IPv6).parts.slice(0, 4).join(':')
}

/** An IPv4 address in four parts, or IPv6, unmapped and without zone. */
export function parseIp(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  const address = text.replace(/%.*$/s, '')
  if (!address.includes(':') || !ipaddr.IPv6.isValid(address)) return undefined
  return ipaddr.process(address)
}

function hasHostBits(bytes: readonly number[], prefix: number): boolean {
  return bytes.some((byte, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8))
    return (byte & (0xff >> kept)) !== 0
  })
}

function mustParse(source: string): IpRange {
  const range = parseIpRange(source)
  if (range === undefined) throw new Error(`not an IP range: ${source}`)
  return range
}
