// Where the portal is, as browsers and the provider see it.
import type { AuthRequest } from '../core/auth-request.ts'

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
  /** Absolute URL that signs in and then returns to the request that was checked. */
  signInUrl(request: AuthRequest): string
}

export function createPortalUrls(options: PortalOptions): PortalUrls {
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

  return {
    redirectUri: (origin) => `${portalOrigin(origin)}${path}`,
    endpoint,
    signInUrl(request) {
      const { scheme, host, uri } = request
      const isOwnHost = configured === undefined || configured.host === host.toLowerCase()
      const target = isOwnHost ? uri : `${scheme}://${host}${uri}`
      return `${endpoint('sign_in', request)}?rd=${encodeURIComponent(target)}`
    },
  }
}
