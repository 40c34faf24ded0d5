import { allowReasons, denyReasons, loginReasons, unavailableReasons } from '../core/decision.ts'
import { signInFailures } from '../core/sign-in-failure.ts'

/** A metric of our own; docs/reference/metrics.md is compared with these. */
export interface MetricDeclaration {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
}

/** What a request was for: the `route` label, whatever its path was. */
export const routes = [
  'check',
  'sign_in',
  'start',
  'callback',
  'sign_out',
  'signed_out',
  'userinfo',
  'sessions',
  'backchannel_logout',
  'frontchannel_logout',
  'upstream',
  'other',
] as const
export type Route = (typeof routes)[number]

export const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const

export const signInResults = ['ok', ...signInFailures, 'unavailable'] as const
export type SignInResult = (typeof signInResults)[number]

export const refreshResults = [
  'refreshed',
  'rejected',
  'client-rejected',
  'rate-limited',
  'provider-unavailable',
  'store-unavailable',
] as const
export type RefreshResult = (typeof refreshResults)[number]

/** What began a session, or ended it before its time. */
export const sessionEvents = [
  'signed-in',
  'signed-out',
  'refresh-rejected',
  'idle',
  'revoked',
] as const
export type SessionEvent = (typeof sessionEvents)[number]

/** An operation that is not listed counts as `other`. */
export const providerOperations = ['discovery', 'keys', 'token', 'userinfo', 'other'] as const
export const storeOperations = [
  'get',
  'set',
  'replace',
  'delete',
  'has',
  'list-add',
  'list-remove',
  'list-read',
  'lock',
  'renew',
  'unlock',
  'ping',
  'other',
] as const

export const outcomeReasons = {
  allow: allowReasons,
  login: loginReasons,
  deny: denyReasons,
  unavailable: unavailableReasons,
} as const

export const metricList = {
  checks: {
    name: 'sallyport_checks_total',
    help: 'Checks answered.',
    labelNames: ['front', 'outcome', 'reason'],
  },
  signIns: {
    name: 'sallyport_sign_ins_total',
    help: 'Sign-ins that came back from the provider.',
    labelNames: ['result'],
  },
  refreshes: {
    name: 'sallyport_refreshes_total',
    help: 'Attempts to refresh a session at the provider.',
    labelNames: ['result'],
  },
  sessions: {
    name: 'sallyport_sessions_total',
    help: 'Sessions that began, or ended before their time.',
    labelNames: ['event'],
  },
  providerRequests: {
    name: 'sallyport_provider_request_duration_seconds',
    help: 'Time that requests to the OpenID provider took.',
    labelNames: ['operation', 'result'],
  },
  storeOperations: {
    name: 'sallyport_store_operation_duration_seconds',
    help: 'Time that operations of the session store took.',
    labelNames: ['operation', 'result'],
  },
  httpRequests: {
    name: 'sallyport_http_request_duration_seconds',
    help: 'Time from the arrival of a request to the end of its answer.',
    labelNames: ['route', 'code'],
  },
  buildInfo: {
    name: 'sallyport_build_info',
    help: 'Always 1: what runs.',
    labelNames: ['version', 'node'],
  },
} as const satisfies Readonly<Record<string, MetricDeclaration>>
