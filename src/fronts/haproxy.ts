// HAProxy, whose own scripts ask: manifests/gateways/haproxy/sallyport.lua, or haproxy-auth-request.
import { header } from '../core/http.ts'
import { relayedAnswer } from './answers.ts'
import type { Front, FrontRead } from './front.ts'
import { asMethod, asUrl, readHeld } from './original-request.ts'
import { refuseHeader, refuseStranger } from './refusals.ts'
import type { ProxyTrust } from './trust.ts'

const mend =
  'the script that asks must set X-Original-URL and X-Original-Method, as ' +
  'manifests/gateways/haproxy/sallyport.lua does'

export function createHaproxyFront({ trust }: { readonly trust: ProxyTrust }): Front {
  return {
    name: 'haproxy',
    read(raw): FrontRead {
      const { headers, peer } = raw
      if (!trust.isTrustedPeer(peer)) return refuseStranger(peer)
      const url = asUrl(header(headers, 'x-original-url'))
      const method = asMethod(header(headers, 'x-original-method'))
      if (url === undefined) return refuseHeader('X-Original-URL', mend)
      if (method === undefined) return refuseHeader('X-Original-Method', mend)
      return readHeld('haproxy', { ...url, method }, raw, trust)
    },
    answer: relayedAnswer((error) => ({ error })),
  }
}
