// The contract of gateways that say everything in `X-Forwarded-*` and relay every answer but 2xx.
import type { FrontName } from '../core/auth-request.ts'
import { header } from '../core/http.ts'
import { relayedAnswer } from './answers.ts'
import type { Front, FrontRead } from './front.ts'
import { asHost, asMethod, asScheme, asUri, readHeld } from './original-request.ts'
import { refuseHeader, refuseStranger } from './refusals.ts'
import type { ProxyTrust } from './trust.ts'

/**
 * Reads `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri`, which such a gateway sets on every
 * check. `-Prefix` may be the client's own and is not read. `mend` tells the operator what to look at
 * when one is missing.
 */
export function createForwardedFront(name: FrontName, mend: string, trust: ProxyTrust): Front {
  return {
    name,
    read(raw): FrontRead {
      const { headers, peer } = raw
      if (!trust.isTrustedPeer(peer)) return refuseStranger(peer)
      const method = asMethod(header(headers, 'x-forwarded-method'))
      const scheme = asScheme(header(headers, 'x-forwarded-proto'))
      const host = asHost(header(headers, 'x-forwarded-host'))
      const uri = asUri(header(headers, 'x-forwarded-uri'))
      if (method === undefined) return refuseHeader('X-Forwarded-Method', mend)
      if (scheme === undefined) return refuseHeader('X-Forwarded-Proto', mend)
      if (host === undefined) return refuseHeader('X-Forwarded-Host', mend)
      if (uri === undefined) return refuseHeader('X-Forwarded-Uri', mend)
      const original = { method, scheme, host, uri }
      return readHeld(name, original, raw, trust)
    },
    answer: relayedAnswer((error) => ({ error })),
  }
}
