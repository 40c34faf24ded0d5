// What every front shares: strict readings of forwarded values, and the request built from them.
import type { AuthRequest, FrontName } from '../core/auth-request.ts'
import { header, type RawRequest, type RequestHeaders } from '../core/http.ts'
import { isNavigation } from './navigation.ts'
import { queryLimits } from './query-limits.ts'
import { rulePath } from './rule-path.ts'
import type { ProxyTrust } from './trust.ts'

/** What a gateway says of the request it holds. */
export interface OriginalRequest extends Pick<AuthRequest, 'method' | 'scheme' | 'host' | 'uri'> {
  /** The URI may be the client's own word: no rule sees its path. */
  readonly isUncertain?: boolean
}

/** What most checks never ask for is made out only when it is. */
export function toAuthRequest(
  front: FrontName,
  { method, scheme, host, uri, isUncertain = false }: OriginalRequest,
  raw: RawRequest,
  trust: ProxyTrust,
): AuthRequest {
  return {
    front,
    method,
    scheme,
    host,
    uri,
    cookieHeader: header(raw.headers, 'cookie'),
    requestId: raw.requestId,
    get rulePath() {
      return isUncertain ? undefined : rulePath(uri)
    },
    get clientIp() {
      return trust.clientIp(raw)
    },
    get canRedirect() {
      return isNavigation(method, raw.headers)
    },
    get limits() {
      return queryLimits(raw.url)
    },
  }
}

// Strict forms. Node joins a header that came twice with a comma and a space: none of them holds it.

/** Traefik says `ws` and `wss` for WebSockets. */
export function asScheme(value: string | undefined): 'http' | 'https' | undefined {
  const [, tls] = /^(?:http|ws)(s?)$/i.exec(value ?? '') ?? []
  if (tls === undefined) return undefined
  return tls === '' ? 'http' : 'https'
}

/**
 * `host[:port]`: a name, an IPv4 or a bracketed IPv6 address; no userinfo, no path. URLs are made of
 * it, so it must fit into one: `1.2.3.256` and port 99999 do not.
 */
export function asHost(value: string | undefined): string | undefined {
  const host = matching(value, /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i)
  return host !== undefined && URL.canParse(`http://${host}/`) ? host : undefined
}

/** An origin-form request target (RFC 9112 3.2.1). */
export function asUri(value: string | undefined): string | undefined {
  return matching(value, /^\/\S*$/)
}

export function asMethod(value: string | undefined): string | undefined {
  return matching(value, /^[\w-]+$/)
}

function matching(value: string | undefined, form: RegExp): string | undefined {
  return value !== undefined && form.test(value) ? value : undefined
}

/**
 * The method of what is asked about with a GET of the gateway's own. `X-Forwarded-Method` may be the
 * client's word: where it differs nothing is known, and no rule for a method applies (SEC-38).
 */
export function askedMethod(own: string, headers: RequestHeaders): string {
  const said = header(headers, 'x-forwarded-method')
  return said === undefined || said === own ? own : ''
}
