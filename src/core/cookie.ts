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
