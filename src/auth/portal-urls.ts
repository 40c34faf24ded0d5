// Where the portal is, as browsers and the provider see it.
import type { AuthRequest } from '../core/auth-request.ts'
import { isSafeMethod } from '../core/http.ts'
import type { Redirects } from '../redirects/redirects.ts'

export interface PortalOptions {
  /** Absolute, a path, or empty. */
  readonly redirect_url: string
  readonly proxy_prefix: string
  readonly cookie_secure: boolean
}

/** The origin that a browser used. */
export type BrowserOrigin = Pick<AuthRequest, 'scheme' | 'host'>

export interface PortalUrls {
  /** The `redirect_uri` (RFC 6749 3.1.2) for a sign-in that runs on this origin. */
  redirectUri(origin: BrowserOrigin): string
  /** Absolute URL of a portal endpoint for a browser on this origin, without query. */
  endpoint(name: string, origin: BrowserOrigin): string
  /**
   * Where a sign-in that this request forced returns to: a path on the portal's host, an absolute URL
   * elsewhere. What a POST or another unsafe method (RFC 9110 9.2.1) would have done is lost, and its
   * URL may mean nothing to a GET: it returns to the page that it came from, else to `/`.
   */
  returnTarget(request: AuthRequest): string
  /** Absolute URL that signs in and then goes to the return target. */
  signInUrl(request: AuthRequest): string
}

export function createPortalUrls(
  options: PortalOptions,
  redirects: Pick<Redirects, 'isAllowed'>,
): PortalUrls {
  const { redirect_url, proxy_prefix, cookie_secure } = options
  const configured = /^https?:\/\//i.test(redirect_url) ? new URL(redirect_url) : undefined
  const callbackPath = configured
    ? configured.pathname
    : redirect_url.startsWith('/')
      ? redirect_url
      : '/'
  const path = callbackPath === '/' ? `${proxy_prefix}/callback` : callbackPath

  /** Without a fixed `redirect_url` the portal is where the app is. */
  function portalOrigin({ scheme, host }: BrowserOrigin): string {
    return configured?.origin ?? `${cookie_secure ? 'https' : scheme}://${host}`
  }

  function endpoint(name: string, origin: BrowserOrigin): string {
    return `${portalOrigin(origin)}${proxy_prefix}/${name}`
  }

  function returnTarget(request: AuthRequest): string {
    const { method, scheme, host, uri } = request
    const isOwnHost = configured === undefined || configured.host === host.toLowerCase()
    const own = isOwnHost ? '' : `${scheme}://${host}`
    return isSafeMethod(method) ? `${own}${uri}` : (cameFrom(request, own) ?? `${own}/`)
  }

  function cameFrom({ scheme, host, referer }: AuthRequest, own: string): string | undefined {
    const url = URL.parse(referer ?? '')
    if (url === null || url.pathname.startsWith(`${proxy_prefix}/`)) return undefined
    const isSameOrigin = url.origin === URL.parse(`${scheme}://${host}`)?.origin
    const target = isSameOrigin ? `${own}${url.pathname}${url.search}` : url.href
    return redirects.isAllowed(target) ? target : undefined
  }

  return {
    redirectUri: (origin) => `${portalOrigin(origin)}${path}`,
    endpoint,
    returnTarget,
    signInUrl: (request) =>
      `${endpoint('sign_in', request)}?rd=${encodeURIComponent(returnTarget(request))}`,
  }
}
