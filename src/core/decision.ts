import type { SetCookie } from './cookie.ts'
import type { Session } from './session.ts'

/** Closed lists: each reason is a metric label, a log field and a row in docs/reference/decisions.md. */
export const allowReasons = [
  'session',
  'bearer-token',
  'skipped-route',
  'preflight',
  'trusted-ip',
] as const
export const loginReasons = [
  'no-session',
  'session-invalid',
  'session-expired',
  'session-idle',
  'refresh-rejected',
  'token-expired',
] as const
export const denyReasons = [
  'email-not-allowed',
  'group-missing',
  'query-limit',
  'bearer-token-invalid',
  'bad-request',
] as const
export const unavailableReasons = [
  'store-unavailable',
  'provider-unavailable',
  'internal-error',
] as const

export type AllowReason = (typeof allowReasons)[number]
export type LoginReason = (typeof loginReasons)[number]
export type DenyReason = (typeof denyReasons)[number]
export type UnavailableReason = (typeof unavailableReasons)[number]
export type Reason = AllowReason | LoginReason | DenyReason | UnavailableReason

/**
 * The answer to a check. `cookies` are changes that the browser must see; fronts of gateways that
 * drop them lose nothing but the renewed cookie.
 */
export type Decision =
  | {
      readonly outcome: 'allow'
      readonly reason: AllowReason
      /** Absent for an anonymous request on a skipped route. */
      readonly session: Session | undefined
      readonly cookies: readonly SetCookie[]
    }
  | {
      readonly outcome: 'login'
      readonly reason: LoginReason
      readonly cookies: readonly SetCookie[]
    }
  | {
      readonly outcome: 'deny'
      readonly reason: DenyReason
      readonly session: Session | undefined
      readonly cookies: readonly SetCookie[]
    }
  | { readonly outcome: 'unavailable'; readonly reason: UnavailableReason }

export type Outcome = Decision['outcome']
