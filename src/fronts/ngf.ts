// NGINX Gateway Fabric's `ExternalAuth` filter (Gateway API GEP-1494): nginx `auth_request`.
import { header } from '../core/http.ts'
import { bareAnswer } from './answers.ts'
import type { Front, FrontRead } from './front.ts'
import { asHost, asMethod, asUri, readHeld } from './original-request.ts'
import { refuseHeader, refuseStranger } from './refusals.ts'
import type { ProxyTrust } from './trust.ts'

const mend =
  'only an ExternalAuth filter of NGINX Gateway Fabric may point here; other gateways with that ' +
  'filter ask as Envoy does'

export interface NgfFrontDeps {
  readonly trust: ProxyTrust
  /** The filter's `path`. */
  readonly path: string
}

/**
 * It sends `Host`, `Path`, `Method` and `Authorization`, and of the client's headers those that the
 * filter lists, as the client sent them: no address among them is the gateway's word. It says no
 * scheme either, which nothing but a redirect would need.
 * The filter's `path` may hold no query; limits stand behind it, as a query would be:
 * `PATH-with/allowed_groups=admin`.
 */
export function createNgfFront({ trust, path }: NgfFrontDeps): Front {
  const limited = `${path}-with/`

  return {
    name: 'ngf',
    read(raw): FrontRead {
      const { headers, peer } = raw
      if (!trust.isTrustedPeer(peer)) return refuseStranger(peer)
      const method = asMethod(header(headers, 'method'))
      const host = asHost(header(headers, 'host'))
      const uri = asUri(header(headers, 'path'))
      if (method === undefined) return refuseHeader('Method', mend)
      if (host === undefined) return refuseHeader('Host', mend)
      if (uri === undefined) return refuseHeader('Path', mend)
      const original = {
        ...({ method, scheme: 'https', host, uri, isClientUnknown: true } as const),
        ...(raw.url.startsWith(limited) && { checkQuery: raw.url.slice(limited.length) }),
      }
      return readHeld('ngf', original, raw, trust)
    },
    answer: bareAnswer(200),
  }
}
