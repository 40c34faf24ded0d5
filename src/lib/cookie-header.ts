/** What a `Cookie` header holds: each name with all its values, in the order sent (RFC 6265 5.4). */
export type RequestCookies = ReadonlyMap<string, readonly string[]>

/** A browser keeps some 180 cookies per domain; what comes beyond this many is not looked at. */
const maxCookies = 500

/**
 * Values stay as sent but for surrounding double quotes: our own need no decoding, others are
 * none of our business. A name that comes twice (one cookie per path or parent domain) keeps both.
 */
export function parseCookies(header: string | undefined): RequestCookies {
  const cookies = new Map<string, string[]>()
  if (header === undefined) return cookies
  let start = 0
  for (let count = 0; start < header.length && count < maxCookies; count += 1) {
    let end = header.indexOf(';', start)
    if (end === -1) end = header.length
    const equals = header.indexOf('=', start)
    if (equals !== -1 && equals < end) {
      const name = header.slice(start, equals).trim()
      const value = unquote(header.slice(equals + 1, end).trim())
      const known = cookies.get(name)
      if (known) known.push(value)
      else if (name !== '') cookies.set(name, [value])
    }
    start = end + 1
  }
  return cookies
}

function unquote(value: string): string {
  const quoted = value.length > 1 && value.startsWith('"') && value.endsWith('"')
  return quoted ? value.slice(1, -1) : value
}
