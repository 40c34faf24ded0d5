// Traefik ForwardAuth, and Traefik's own reading of ingress-nginx annotations.
import { header } from '../core/http.ts'
import { relayedAnswer } from './answers.ts'
import type { Front, FrontRead } from './front.ts'
import { asHost, asMethod, asScheme, asUri, toAuthRequest } from './original-request.ts'
import type { ProxyTrust } from './trust.ts'

/**
 * Traefik sets `X-Forwarded-Method`, `-Proto`, `-Host` and `-Uri` on every check. `-Prefix` may be
 * the client's own and is not read.
 */
export function createTraefikFront({ trust }: { readonly trust: ProxyTrust }): Front {
  return {
    name: 'traefik',
    read(raw): FrontRead {
      const { headers, peer } = raw
      if (!trust.isTrustedPeer(peer)) {
        return refuse(`asked by ${peer}, which is not in trusted_proxy_ips`)
      }
      const method = asMethod(header(headers, 'x-forwarded-method'))
      const scheme = asScheme(header(headers, 'x-forwarded-proto'))
      const host = asHost(header(headers, 'x-forwarded-host'))
      const uri = asUri(header(headers, 'x-forwarded-uri'))
      if (method === undefined) return refuseHeader('X-Forwarded-Method')
      if (scheme === undefined) return refuseHeader('X-Forwarded-Proto')
      if (host === undefined) return refuseHeader('X-Forwarded-Host')
      if (uri === undefined) return refuseHeader('X-Forwarded-Uri')
      const original = { method, scheme, host, uri }
      return { ok: true, request: toAuthRequest('traefik', original, raw, trust) }
    },
    answer: relayedAnswer((error) => ({ error })),
  }
}

function refuseHeader(name: string): FrontRead {
  return refuse(
    `${name} is missing or malformed: only Traefik's forwardAuth.address may point here; ` +
      'look at its trustForwardHeader and at forwardedHeaders.trustedIPs of its entry point',
  )
}

function refuse(message: string): FrontRead {
  return { ok: false, message }
}
