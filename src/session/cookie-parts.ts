// Values too long for one cookie, cut into `<name>_0`, `<name>_1`, ... as oauth2-proxy cuts them.
// Each part begins with the end of the whole value, `<mark>.<piece>`: parts of one value find each
// other whatever stale or planted parts stand between them, and without a try at every mixture.
import { formatSetCookie, type SetCookie } from '../core/cookie.ts'
import type { RequestCookies } from '../lib/cookie-header.ts'

/** What every browser takes for one cookie, name and attributes included, with some room. */
const maxCookieBytes = 4000
/** More never reach a server: proxies and Node cap a request's headers far below. */
const maxParts = 10
/** Each value costs a decryption: for every parent path and parent domain one, and room (SEC-53). */
const maxValues = 64
/** 96 bits of base64url, taken from an authentication tag: nobody guesses them. */
const markLength = 16

/** The cookie itself when it is short enough, else its parts. `value` is base64url. */
export function splitCookie(cookie: SetCookie): readonly SetCookie[] {
  if (formatSetCookie(cookie).length <= maxCookieBytes) return [cookie]
  const mark = `${cookie.value.slice(-markLength)}.`
  const frame = formatSetCookie({ ...cookie, name: partName(cookie.name, 0), value: mark })
  const pieceLength = maxCookieBytes - frame.length
  const count = Math.ceil(cookie.value.length / pieceLength)
  if (count > maxParts) {
    throw new RangeError(
      `a session of ${cookie.value.length} characters does not fit in ${maxParts} cookies`,
    )
  }
  return Array.from({ length: count }, (_, index) => ({
    ...cookie,
    name: partName(cookie.name, index),
    value: mark + cookie.value.slice(index * pieceLength, (index + 1) * pieceLength),
  }))
}

/**
 * The values that the request's cookies can stand for: each whole cookie, then each complete set of
 * parts, and no more than a browser that somebody plants cookies in can hold for one path.
 */
export function* joinCookies(name: string, cookies: RequestCookies): Iterable<string> {
  yield* (cookies.get(name) ?? []).slice(0, maxValues)
  if (!cookies.has(partName(name, 0))) return
  const sets = [...collectParts(name, cookies)]
  for (const [mark, pieces] of sets.slice(0, maxValues)) {
    const value = pieces.join('')
    if (value.endsWith(mark)) yield value
  }
}

/** Names of the cookies in the request that are this one or parts of it. */
export function shownNames(name: string, cookies: RequestCookies): readonly string[] {
  return [name, ...partNames(name)].filter((candidate) => cookies.has(candidate))
}

/** The pieces of each set from index 0 on, by the set's mark. */
function collectParts(name: string, cookies: RequestCookies): ReadonlyMap<string, string[]> {
  const sets = new Map<string, string[]>()
  for (const [index, part] of partNames(name).entries()) {
    for (const value of cookies.get(part) ?? []) {
      const mark = value.slice(0, markLength)
      const pieces = sets.get(mark) ?? []
      // A part that comes twice, or after a gap, adds nothing.
      if (value[markLength] !== '.' || pieces.length !== index) continue
      pieces.push(value.slice(markLength + 1))
      sets.set(mark, pieces)
    }
  }
  return sets
}

function partNames(name: string): readonly string[] {
  return Array.from({ length: maxParts }, (_, index) => partName(name, index))
}

function partName(name: string, index: number): string {
  return `${name}_${index}`
}
