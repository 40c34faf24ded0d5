import type { AuthRequest, FrontName } from './auth-request.ts'

/** What a front received of a probe of `sallyport doctor`, and what it made of it. */
export interface ProbeReport {
  readonly front: FrontName
  /** Path and query of the check itself, cut off at 200 characters. */
  readonly checkUrl: string
  /** Who asked: the gateway's address, empty for a unix socket. */
  readonly peer: string
  /** Which of the ways that the probe took arrived. */
  readonly arrived: { readonly header: boolean; readonly cookie: boolean; readonly query: boolean }
  /** Names of the headers that came with the check, as many as fit. */
  readonly headers: readonly string[]
  /** What the front read; absent when it refused. */
  readonly request?: Pick<
    AuthRequest,
    'method' | 'scheme' | 'host' | 'uri' | 'clientIp' | 'canRedirect'
  >
  /** Why the front refused, for the operator. */
  readonly refusal?: string
}
