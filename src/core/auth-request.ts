/** The contracts we answer; one file in `fronts/` each. */
export const frontNames = [
  'nginx',
  'traefik',
  'caddy',
  'envoy',
  'envoy-grpc',
  'ngf',
  'haproxy',
  'proxy',
] as const
export type FrontName = (typeof frontNames)[number]

/**
 * The path that rules see, decided once (SEC-4, SEC-5): percent-decoded, without query and
 * fragment. `undefined` when gateway, service and app could read it differently; such a request
 * is never skipped.
 */
export type RulePath = string | undefined

/** Narrowing by the check's own query: each list is any-of, the lists are and-ed. */
export interface QueryLimits {
  readonly groups: readonly string[] | undefined
  readonly emails: readonly string[] | undefined
  readonly emailDomains: readonly string[] | undefined
}

/** One question about one request: what a front read from its gateway's own headers. */
export interface AuthRequest {
  readonly front: FrontName
  /** The original method, as sent; empty when what was said of it may be the client's own word. */
  readonly method: string
  readonly scheme: 'http' | 'https'
  /** `host[:port]` as the client addressed the app; empty when the gateway did not say. */
  readonly host: string
  /** Path and query of the original request; empty when the gateway did not say. */
  readonly uri: string
  readonly rulePath: RulePath
  /** Textual IP address; empty when unknown. */
  readonly clientIp: string
  /** The raw `Cookie` header. */
  readonly cookieHeader: string | undefined
  /** `Origin` and `Referer`, as the client sent them. */
  readonly origin: string | undefined
  readonly referer: string | undefined
  /** The raw `Authorization` header. */
  readonly authorization: string | undefined
  /** May this request be answered with a redirect to the sign-in (a person's navigation)? */
  readonly canRedirect: boolean
  /** Does Fetch Metadata show that a page asks by itself: a script, a part, a prefetch? */
  readonly isBackground: boolean
  readonly limits: QueryLimits | undefined
  readonly requestId: string
}
