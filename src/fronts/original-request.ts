// What every front shares: strict readings of forwarded values, and the request built from them.
import type { AuthRequest, FrontName, QueryLimits, RulePath } from '../core/auth-request.ts'
import { header, type RawRequest, type RequestHeaders } from '../core/http.ts'
import { remembered } from '../lib/remembered.ts'
import type { FrontRead } from './front.ts'
import { isBackground, isNavigation } from './navigation.ts'
import { misspeltLimit, queryLimits } from './query-limits.ts'
import { refuseLimit } from './refusals.ts'
import { rulePath } from './rule-path.ts'
import type { ProxyTrust } from './trust.ts'

/** What a gateway says of the request it holds. */
export interface OriginalRequest extends Pick<AuthRequest, 'method' | 'scheme' | 'host' | 'uri'> {
  /** The URI may be the client's own word: no rule sees its path. */
  readonly isUncertain?: boolean
  /** Whoever asks wants JSON, a navigation or not. */
  readonly wantsJson?: boolean
  /** The check's own query where that is not the one of its URL. */
  readonly checkQuery?: string
  /** Whatever names the client here may be the client's own word. */
  readonly isClientUnknown?: boolean
  /** Who is connected to the gateway, where it says so in another place than the headers. */
  readonly source?: string
}

/**
 * What most checks never ask for is made out only when it is. A class for its getters: each object
 * literal with getters would get a hidden class of its own, and V8 keeps those, with all that their
 * getters see, until a full garbage collection.
 */
class HeldRequest implements AuthRequest {
  readonly front: FrontName
  readonly method: string
  readonly scheme: 'http' | 'https'
  readonly host: string
  readonly uri: string
  readonly #original: OriginalRequest
  readonly #raw: RawRequest
  readonly #trust: ProxyTrust

  constructor(front: FrontName, original: OriginalRequest, raw: RawRequest, trust: ProxyTrust) {
    this.front = front
    this.method = original.method
    this.scheme = original.scheme
    this.host = original.host
    this.uri = original.uri
    this.#original = original
    this.#raw = raw
    this.#trust = trust
  }

  get requestId(): string {
    return this.#raw.requestId
  }

  get cookieHeader(): string | undefined {
    return header(this.#raw.headers, 'cookie')
  }

  get origin(): string | undefined {
    return header(this.#raw.headers, 'origin')
  }

  get referer(): string | undefined {
    return header(this.#raw.headers, 'referer')
  }

  get authorization(): string | undefined {
    return header(this.#raw.headers, 'authorization')
  }

  get rulePath(): RulePath {
    return this.#original.isUncertain === true ? undefined : rulePath(this.uri)
  }

  get clientIp(): string {
    const { isClientUnknown, source } = this.#original
    if (isClientUnknown === true) return ''
    return source === undefined
      ? this.#trust.clientIp(this.#raw)
      : this.#trust.clientBehind(source, this.#raw)
  }

  get canRedirect(): boolean {
    return this.#original.wantsJson !== true && isNavigation(this.method, this.#raw.headers)
  }

  get isBackground(): boolean {
    return isBackground(this.#raw.headers)
  }

  get limits(): QueryLimits | undefined {
    return queryLimits(this.#original.checkQuery ?? queryText(this.#raw.url))
  }
}

export function toAuthRequest(
  front: FrontName,
  original: OriginalRequest,
  raw: RawRequest,
  trust: ProxyTrust,
): AuthRequest {
  return new HeldRequest(front, original, raw, trust)
}

/** The same for a gateway, whose limits the operator wrote: a misspelt one is no limit. */
export function readHeld(
  front: FrontName,
  original: OriginalRequest,
  raw: RawRequest,
  trust: ProxyTrust,
): FrontRead {
  const query = original.checkQuery ?? queryText(raw.url)
  const misspelt = query === '' ? '' : misspeltLimit(query)
  if (misspelt !== '') return refuseLimit(misspelt)
  return { ok: true, request: toAuthRequest(front, original, raw, trust) }
}

function queryText(url: string): string {
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

const hostForm = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i
/** A DNS name of 253 characters and a port. */
const longestHost = 259
const rememberedHosts = 1_000

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
  return value !== undefined && value.length <= longestHost && isHost(value) ? value : undefined
}

const isHost = remembered(
  (text) => hostForm.test(text) && URL.canParse(`http://${text}/`),
  rememberedHosts,
)

/** An origin-form request target (RFC 9112 3.2.1). */
export function asUri(value: string | undefined): string | undefined {
  return matching(value, /^\/\S*$/)
}

/** `scheme://host[:port]/path`, split. */
export function asUrl(
  value: string | undefined,
): Pick<OriginalRequest, 'scheme' | 'host' | 'uri'> | undefined {
  const [, schemePart, hostPart, uri] = /^(https?):\/\/([^/]+)(\/\S*)$/.exec(value ?? '') ?? []
  const scheme = asScheme(schemePart)
  const host = asHost(hostPart)
  return scheme && host && uri !== undefined ? { scheme, host, uri } : undefined
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
