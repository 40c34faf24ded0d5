// A redirect to the sign-in helps a person who follows a link; it breaks scripts, and their requests
// must not decide where somebody returns to.
import { header, type RequestHeaders } from '../core/http.ts'

/**
 * Is this a browser's top-level navigation? Fetch Metadata (`Sec-Fetch-*`, W3C) decides when it is
 * there; a form POST counts, the redirect turns it into a GET. Without it (older browsers, plain
 * http) a navigation is a GET that asks for HTML.
 */
export function isNavigation(method: string, headers: RequestHeaders): boolean {
  if (isWebSocket(headers) || isSpeculative(headers)) return false
  const mode = header(headers, 'sec-fetch-mode')
  if (mode !== undefined) {
    return mode === 'navigate' && header(headers, 'sec-fetch-dest') === 'document'
  }
  const isScript = header(headers, 'x-requested-with')?.toLowerCase() === 'xmlhttprequest'
  return !isScript && (method === 'GET' || method === 'HEAD') && wantsHtml(headers)
}

/** What Fetch Metadata shows to be no navigation. Who sends none may be navigating. */
export function isBackground(headers: RequestHeaders): boolean {
  const mode = header(headers, 'sec-fetch-mode')
  return isSpeculative(headers) || (mode !== undefined && mode !== 'navigate')
}

/** Traefik and nginx drop `Upgrade` from the check, but not the key. */
function isWebSocket(headers: RequestHeaders): boolean {
  return (header(headers, 'sec-websocket-key') ?? header(headers, 'upgrade')) !== undefined
}

/** Prefetched or prerendered: nobody is looking yet. `Purpose` is the older spelling. */
function isSpeculative(headers: RequestHeaders): boolean {
  const purpose = header(headers, 'sec-purpose') ?? header(headers, 'purpose')
  return purpose?.toLowerCase().startsWith('prefetch') ?? false
}

const htmlRange = /(?:^|,)\s*text\/html\s*(?:[,;]|$)/i

/** By name: the wildcard, which scripts and command lines send, does not ask for HTML. */
function wantsHtml(headers: RequestHeaders): boolean {
  const accepted = header(headers, 'accept')
  return accepted !== undefined && htmlRange.test(accepted)
}
