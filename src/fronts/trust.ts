// Whose forwarded headers count (SEC-2), and which client address follows from them (SEC-42).
import { header, type RawRequest } from '../core/http.ts'
import { normalizeIp, type IpRange } from '../lib/ip.ts'
import { remembered } from '../lib/remembered.ts'

export interface ProxyTrustOptions {
  readonly reverse_proxy: boolean
  /** Empty = no peer but a unix socket. */
  readonly trusted_proxy_ips: readonly IpRange[]
  readonly real_client_ip_header: string
}

export interface ProxyTrust {
  /** Is this one of our gateways? A unix socket (empty address) is. */
  isTrustedPeer(peer: string): boolean
  /** A trusted peer, and `reverse_proxy` says that it sets `X-Forwarded-*` on every request. */
  isForwarded(peer: string): boolean
  /** Canonical text; empty when a trusted proxy did not say, or said something unreadable. */
  clientIp(raw: Pick<RawRequest, 'peer' | 'headers'>): string
  /**
   * The same when a trusted gateway names the address that is connected to it (`source`): only if
   * that is a proxy too does `X-Forwarded-For` tell who stands behind.
   */
  clientBehind(source: string, raw: Pick<RawRequest, 'headers'>): string
}

const rememberedAddresses = 10_000

export function createProxyTrust(options: ProxyTrustOptions): ProxyTrust {
  const clientIpHeader = options.real_client_ip_header.toLowerCase()

  const isTrustedPeer = remembered(
    (peer) => peer === '' || options.trusted_proxy_ips.some((range) => range.contains(peer)),
    rememberedAddresses,
  )
  const peerAddress = remembered((peer) => normalizeIp(peer) ?? '', rememberedAddresses)
  const saidAddress = remembered(
    clientIpHeader === 'x-forwarded-for'
      ? (chain) => clientOfChain(chain.split(','), isTrustedPeer)
      : (address) => parseAddress(address) ?? '',
    rememberedAddresses,
  )

  function isForwarded(peer: string): boolean {
    return options.reverse_proxy && isTrustedPeer(peer)
  }

  return {
    isTrustedPeer,
    isForwarded,
    clientIp({ peer, headers }) {
      if (!isForwarded(peer)) return peerAddress(peer)
      return saidAddress(header(headers, clientIpHeader) ?? '')
    },
    clientBehind(source, { headers }) {
      const address = peerAddress(source)
      if (address === '' || !isTrustedPeer(address)) return address
      return clientOfChain([...forwardedFor(headers), address], isTrustedPeer)
    },
  }
}

function forwardedFor(headers: RawRequest['headers']): readonly string[] {
  return header(headers, 'x-forwarded-for')?.split(',') ?? []
}

/**
 * Each proxy appends the address it saw: from the right, the first that is no proxy of ours is the
 * client; what stands left of it, the client made up.
 */
function clientOfChain(chain: readonly string[], isProxy: (address: string) => boolean): string {
  let client = ''
  for (const text of chain.toReversed()) {
    const hop = parseAddress(text)
    if (hop === undefined) return ''
    client = hop
    if (!isProxy(hop)) break
  }
  return client
}

/** `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443`, each with spaces around. */
function parseAddress(text: string): string | undefined {
  const address = text.trim()
  const [, bracketed, dotted] = /^(?:\[(.+)\]|([\d.]+))(?::\d+)?$/.exec(address) ?? []
  return normalizeIp(bracketed ?? dotted ?? address)
}
