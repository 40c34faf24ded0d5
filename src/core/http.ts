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
  /** Did it come over TLS of our own? Absent = no. */
  readonly isEncrypted?: boolean
  readonly requestId: string
}

/** A whole answer as data; only `http/` turns it into bytes. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly cookies: readonly SetCookie[]
  readonly body: string
}

/** HTML and the policy it was written for. */
export interface Page {
  readonly html: string
  /** `Content-Security-Policy`. */
  readonly csp: string
}

/** SEC-34: what every page carries besides its caching rules. */
export function pageHeaders({ csp }: Page): Readonly<Record<string, string>> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': csp,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
  }
}

/** Does a GET in place of it do no harm (RFC 9110 9.2.1)? Empty = unknown, taken for a GET. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === ''
}

/** The first value of a header, or undefined when it is absent. */
export function header(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : value?.[0]
}
