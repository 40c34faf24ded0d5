import type { SetCookie } from './cookie.ts'

/** Header names are lower case, as node:http gives them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>

/** What a server knows of a request before any header is believed. */
export interface RawRequest {
  readonly method: string
  /** Path and query exactly as received. */
  readonly url: string
  readonly headers: RequestHeaders
  /** Socket peer address; empty for a unix socket. */
  readonly peer: string
  readonly requestId: string
}

/** A whole answer as data; only `http/` turns it into bytes. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly SetCookie[]
  readonly body: string
}

/** The first value of a header, or undefined when it is absent. */
export function header(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}
