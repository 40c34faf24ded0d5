// Envoy `ext_authz` over gRPC (envoy.service.auth.v3): Envoy Gateway, Istio, Contour, plain Envoy.
import { header, type RawRequest } from '../core/http.ts'
import { relayedAnswer } from './answers.ts'
import type { Front, FrontRead } from './front.ts'
import { asHost, asMethod, asScheme, asUri, readHeld } from './original-request.ts'
import { refuseHeader, refuseStranger } from './refusals.ts'
import type { ProxyTrust } from './trust.ts'

/**
 * A `CheckRequest`. Method and URL are the gRPC call's, the headers those of the request that Envoy
 * holds, `attributes` what Envoy itself says of that one.
 */
export interface EnvoyCheck extends RawRequest {
  readonly attributes: EnvoyAttributes
}

/** envoy.service.auth.v3.AttributeContext; empty where Envoy said nothing. */
export interface EnvoyAttributes {
  readonly method: string
  readonly scheme: string
  readonly host: string
  /** Path and query. */
  readonly path: string
  /** IP address of whoever is connected to Envoy. */
  readonly source: string
  /** `context_extensions` of the route. */
  readonly extensions: Readonly<Record<string, string>>
}

/**
 * Envoy names method, host and path by themselves; the scheme is its own `X-Forwarded-Proto`, which
 * knows of TLS that ended before Envoy. Limits come from `context_extensions`, set by the route.
 */
export function createEnvoyGrpcFront({ trust }: { readonly trust: ProxyTrust }): Front<EnvoyCheck> {
  const relayed = relayedAnswer((error) => ({ error }))
  return {
    name: 'envoy-grpc',
    read(raw): FrontRead {
      const { attributes, headers, peer } = raw
      if (!trust.isTrustedPeer(peer)) return refuseStranger(peer)
      const method = asMethod(attributes.method)
      const scheme = asScheme(header(headers, 'x-forwarded-proto') ?? attributes.scheme)
      const host = asHost(attributes.host)
      const uri = asUri(attributes.path)
      if (method === undefined) return refuseHeader('method', mend)
      if (scheme === undefined) return refuseHeader('scheme', mend)
      if (host === undefined) return refuseHeader('host', mend)
      if (uri === undefined) return refuseHeader('path', mend)
      const { source, extensions } = attributes
      const checkQuery = new URLSearchParams(extensions).toString()
      const original = { method, scheme, host, uri, source, checkQuery }
      return readHeld('envoy-grpc', original, raw, trust)
    },
    /** The headers of an allow are for the app, not for the browser. */
    answer(decision, request, parts) {
      if (decision.outcome !== 'allow') return relayed(decision, request, parts)
      return { status: 200, headers: parts.identityHeaders(), cookies: decision.cookies, body: '' }
    },
  }
}

const mend = "only Envoy's HTTP filter ext_authz may ask here"
