// Our own reverse proxy: the request itself is what is asked about.
import { header } from '../core/http.ts'
import type { Pattern } from '../core/skip-route.ts'
import type { Upstream } from '../core/upstream.ts'
import { relayedAnswer } from './answers.ts'
import type { Front, FrontRead } from './front.ts'
import { asHost, asScheme, askedMethod, asUri, toAuthRequest } from './original-request.ts'
import type { ProxyTrust } from './trust.ts'

export interface ProxyFrontOptions {
  readonly force_json_errors: boolean
  /** Matched against path and query. */
  readonly api_routes: readonly Pattern[]
  readonly upstreams: readonly Upstream[]
}

export interface ProxyFrontDeps {
  readonly trust: ProxyTrust
  readonly options: ProxyFrontOptions
}

/**
 * Method and path are the request's own, as the upstream gets them, never `X-Forwarded-Uri`; scheme
 * and host as the proxy in front of us saw them. An allowed request is proxied, so the answer to
 * `allow` is of no use here.
 *
 * With nothing but `static://` upstreams there is no app behind us: a gateway asks, as oauth2-proxy's
 * guide for Traefik sets it up, and a trusted `X-Forwarded-Uri` is what it asks about.
 */
export function createProxyFront({ trust, options }: ProxyFrontDeps): Front {
  function wantsJson(uri: string): boolean {
    return options.force_json_errors || options.api_routes.some((route) => route.test(uri))
  }

  const { upstreams } = options
  const isAsked = upstreams.length > 0 && upstreams.every(({ kind }) => kind === 'static')

  return {
    name: 'proxy',
    read(raw): FrontRead {
      const { headers, peer } = raw
      const isForwarded = trust.isForwarded(peer)
      const said = isForwarded ? asScheme(header(headers, 'x-forwarded-proto')) : undefined
      const scheme = said ?? (raw.isEncrypted === true ? 'https' : 'http')
      const forwardedHost = isForwarded ? asHost(header(headers, 'x-forwarded-host')) : undefined
      const host = forwardedHost ?? asHost(header(headers, 'host'))
      const asked = isAsked && isForwarded ? asUri(header(headers, 'x-forwarded-uri')) : undefined
      const uri = asked ?? asUri(raw.url)
      if (host === undefined) return { ok: false, message: 'Host is missing or malformed' }
      if (uri === undefined) return { ok: false, message: 'the request target is not a path' }
      const method = asked === undefined ? raw.method : askedMethod(raw.method, headers)
      const original = { method, scheme, host, uri, wantsJson: wantsJson(uri) }
      return { ok: true, request: toAuthRequest('proxy', original, raw, trust) }
    },
    // oauth2-proxy's own body.
    answer: relayedAnswer(() => ({})),
  }
}
