/** One `Set-Cookie` to be: an empty value with `maxAgeSeconds: 0` deletes. */
export interface SetCookie {
  readonly name: string
  readonly value: string
  readonly path: string
  /** Absent = host-only. */
  readonly domain?: string
  /** Absent = until the browser closes. Seconds. */
  readonly maxAgeSeconds?: number
  readonly httpOnly: boolean
  readonly secure: boolean
  readonly sameSite?: 'lax' | 'strict' | 'none'
}

/** The value of a `Set-Cookie` header (RFC 6265 4.1). */
export function formatSetCookie(cookie: SetCookie): string {
  let text = `${cookie.name}=${cookie.value}; Path=${cookie.path}`
  if (cookie.domain !== undefined) text += `; Domain=${cookie.domain}`
  if (cookie.maxAgeSeconds !== undefined) text += `; Max-Age=${cookie.maxAgeSeconds}`
  if (cookie.httpOnly) text += '; HttpOnly'
  if (cookie.secure) text += '; Secure'
  if (cookie.sameSite) text += `; SameSite=${sameSiteNames[cookie.sameSite]}`
  return text
}

const sameSiteNames = { lax: 'Lax', strict: 'Strict', none: 'None' } as const
