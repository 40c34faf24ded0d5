const origin = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i
const pathEnd = /[?#;]|%3f|%23|%3b/i
const limitChars = 1024

/**
 * What of a request's URL a log may hold: its path. Query, fragment and path parameters carry
 * tokens, codes and session ids, also when a gateway percent-encoded their delimiter.
 */
export function loggedPath(url: string): string {
  const path = url.startsWith('/') ? url : url.replace(origin, '')
  const end = path.search(pathEnd)
  return path.slice(0, Math.min(end === -1 ? path.length : end, limitChars))
}
