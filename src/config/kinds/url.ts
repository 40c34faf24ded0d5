import { accept, refine, refuse, type Kind, type Parsed } from '../kind.ts'
import { listOf } from './list.ts'
import { text } from './text.ts'

/** An absolute http(s) URL, kept as written; empty = unset. Credentials in it are refused. */
export const httpUrl: Kind<string> = refine(text, { type: 'URL' }, (value) =>
  value === '' ? accept('') : checkUrl(value),
)

/** Origins (RFC 6454 6.2) exactly as browsers send them: they are compared as text. */
export const origins: Kind<readonly string[]> = listOf({ type: 'list of origins' }, (entry) => {
  const origin = URL.parse(entry)?.origin
  return /^https?:/.test(entry) && origin === entry
    ? accept(entry)
    : refuse('is not an origin', 'write scheme, host and port alone: https://spa.example.com')
})

/** An endpoint of the provider: plain http off this machine works but warns (SEC-15). */
export const providerUrl: Kind<string> = refine(httpUrl, {}, (value) => {
  const url = URL.parse(value)
  if (url?.protocol !== 'http:' || isLoopback(url)) return accept(value)
  const problem = 'is plain http: whoever is on the way can read and forge tokens'
  return accept(value, [{ problem, fix: 'use https' }])
})

/**
 * An absolute http(s) URL or a path on the host that the browser addressed; empty = unset. Without
 * a query, which the code exchange could not repeat.
 */
export const urlOrPath: Kind<string> = refine(text, { type: 'URL or path' }, (value) => {
  if (value === '') return accept('')
  if (value.includes('?')) return refuse('holds a query', 'remove ? and what follows')
  if (!value.startsWith('/')) return checkUrl(value)
  return /^\/(?!\/)[^\\#\s]*$/.test(value)
    ? accept(value)
    : refuse('is not a usable path', 'write one that starts with a single / and has no #')
})

/** A path of ours, as it arrives; empty = off. */
export const routePath: Kind<string> = refine(text, { type: 'path' }, (value) =>
  value === '' || /^(\/[\w.~-]+)+\/?$/.test(value)
    ? accept(value)
    : refuse('is not a path', 'start it with /; use letters, digits, and . _ ~ - between slashes'),
)

/** A path that our own endpoints live under. */
export const pathPrefix: Kind<string> = refine(text, { type: 'path' }, (value) =>
  /^(\/[\w~-][\w.~-]*)+$/.test(value)
    ? accept(value)
    : refuse(
        'is not a path to put endpoints under',
        'write for example /oauth2, without / at the end',
      ),
)

/** What a cookie's Path may be. */
export const cookiePath: Kind<string> = refine(text, { type: 'path' }, (value) =>
  /^\/[^;\s]*$/.test(value)
    ? accept(value)
    : refuse('is not a path for cookies', 'start it with /'),
)

/** Whether a URL stays on this machine. */
export function isLoopback(url: URL): boolean {
  return (
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname)
  )
}

function checkUrl(value: string): Parsed<string> {
  // The WHATWG parser would silently drop or rewrite these.
  const url = /[\s\\]/.test(value) ? null : URL.parse(value)
  if (url === null || !/^https?:\/\/[^/]/i.test(value)) {
    return refuse('is not an absolute URL', 'write it in full, for example https://sso.example.com')
  }
  if (url.username !== '' || url.password !== '') {
    return refuse('holds a user name or password', 'remove them from the URL')
  }
  if (value.includes('#')) return refuse('holds a fragment', 'remove # and what follows')
  return accept(value)
}
