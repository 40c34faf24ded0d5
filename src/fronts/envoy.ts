// Envoy's `ext_authz` filter over HTTP: Envoy Gateway, Istio, Cilium, and whoever else runs Envoy.
import { header, type HttpAnswer } from '../core/http.ts'
import { relayedAnswer } from './answers.ts'
import type { AnswerParts, Front, FrontRead } from './front.ts'
import { asHost, asScheme, asUri, readHeld } from './original-request.ts'
import { refuseHeader, refuseStranger } from './refusals.ts'
import type { ProxyTrust } from './trust.ts'

const mend =
  'Envoy sends the listed headers only; list x-forwarded-proto, cookie, accept and the rest of ' +
  'docs/gateways/envoy.md in headersToExtAuth (Envoy Gateway), allowedHeaders (Gateway API), ' +
  'includeRequestHeadersInCheck (Istio) or allowed_headers (Envoy)'

export interface EnvoyFrontDeps {
  readonly trust: ProxyTrust
  /** The `path_prefix` of the filter, without a slash at its end. */
  readonly path: string
}

/**
 * The request is asked about by itself: its method, its `Host`, its path and query after ours. So
 * this front has no query of its own; limits are a segment of the path, as a query would be:
 * `PATH-with/allowed_groups=admin`.
 */
export function createEnvoyFront({ trust, path }: EnvoyFrontDeps): Front {
  const relayed = relayedAnswer((error) => ({ error }))
  const limited = `${path}-with/`

  return {
    name: 'envoy',
    read(raw): FrontRead {
      const { headers, method, peer } = raw
      if (!trust.isTrustedPeer(peer)) return refuseStranger(peer)
      const scheme = asScheme(header(headers, 'x-forwarded-proto'))
      const host = asHost(header(headers, 'host'))
      const { uri, checkQuery } = split(raw.url)
      if (scheme === undefined) return refuseHeader('X-Forwarded-Proto', mend)
      if (host === undefined) return refuseHeader('Host', 'only Envoy’s ext_authz may point here')
      if (uri === undefined) return refuseHeader('the path after the prefix', prefixMend)
      const original = { method, scheme, host, uri, checkQuery }
      return readHeld('envoy', original, raw, trust)
    },
    /** 200 and nothing else lets a request through. */
    answer(decision, request, parts): HttpAnswer {
      const answer = relayed(decision, request, parts)
      if (decision.outcome !== 'allow') return answer
      return { ...answer, headers: { ...answer.headers, ...removal(parts) } }
    },
  }

  function split(url: string): { uri: string | undefined; checkQuery: string } {
    if (!url.startsWith(limited)) return { uri: asUri(url.slice(path.length)), checkQuery: '' }
    const end = url.indexOf('/', limited.length)
    if (end === -1) return { uri: undefined, checkQuery: '' }
    return { uri: asUri(url.slice(end)), checkQuery: url.slice(limited.length, end) }
  }
}

const prefixMend =
  'path (Envoy Gateway, Gateway API), pathPrefix (Istio) or path_prefix (Envoy) must be a prefix; ' +
  'a pathOverride loses the path'

/** Made once for the headers of a session. */
const removals = new WeakMap<object, string>()

/** Envoy adds what the answer has to what the client sent: the rest must be taken away (SEC-6). */
function removal(parts: AnswerParts): Readonly<Record<string, string>> {
  const set = parts.identityHeaders()
  const known = removals.get(set)
  const absent =
    known ??
    parts
      .identityHeaderNames()
      .filter((name) => !(name in set))
      .join(',')
  if (known === undefined) removals.set(set, absent)
  return { 'x-envoy-auth-headers-to-remove': absent }
}
