// The one place that decides whether a request may pass. Fails closed: whatever goes wrong in a
// step ends as `unavailable`, never as `allow`.
import type { Activity } from './activity.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { AllowReason, Decision, DenyReason } from '../core/decision.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Identity } from '../core/identity.ts'
import type { Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'
import { parseCookies } from '../lib/cookie-header.ts'
import { whenKnown, type Eventual } from '../lib/eventual.ts'
import type { IpRange } from '../lib/ip.ts'
import type { CookieContext, SessionStore } from '../session/store.ts'
import type { BearerSessions } from './bearer-token.ts'
import type { RefreshSession } from './refresh-session.ts'

export interface CheckDeps {
  readonly options: {
    readonly skip_auth_preflight: boolean
    readonly trusted_ips: readonly IpRange[]
    readonly bearer_token_login_fallback: boolean
  }
  /** Absent: bearer tokens are not looked at (`skip_jwt_bearer_tokens`). */
  readonly bearerSessions?: BearerSessions
  readonly sessions: SessionStore
  readonly activity: Activity
  readonly refreshSession: RefreshSession
  readonly isSkippedRoute: (request: Pick<AuthRequest, 'method' | 'rulePath'>) => boolean
  readonly authorize: (identity: Identity) => DenyReason | undefined
  readonly isWithinLimits: (identity: Identity, limits: AuthRequest['limits']) => boolean
  readonly clock: Clock
  readonly log: Log
}

/** Never throws and never rejects. What the session cache knows is decided at once. */
export type Check = (request: AuthRequest) => Eventual<Decision>

/** What the steps learn on the way. */
interface Progress {
  readonly request: AuthRequest
  readonly context: CookieContext
  session: Session | undefined
  /** What lets the session's owner pass. */
  by: AllowReason
  cookies: readonly SetCookie[]
  /** Is a refresh about to bring a new cookie? */
  isPending: boolean
}

/** Undefined = undecided, on to the next step. */
type Step = (progress: Progress) => Eventual<Decision | undefined>

export function createCheck(deps: CheckDeps): Check {
  const openings = createOpenings(deps)
  const judge: readonly Step[] = [policy(deps), queryLimits(deps)]
  const steps: readonly Step[] = [
    ...(deps.bearerSessions ? [bearerToken(deps, deps.bearerSessions, judge)] : []),
    storedSession(deps),
    absoluteExpiry(deps),
    idleTimeout(deps),
    refreshWhenDue(deps),
    noteActivity(deps),
    ...judge,
  ]

  function decide(request: AuthRequest): Eventual<Decision> {
    const opening = openings.find(([, applies]) => applies(request))?.[0]
    const progress: Progress = {
      request,
      context: { cookies: parseCookies(request.cookieHeader), host: request.host },
      session: undefined,
      by: 'session',
      cookies: [],
      isPending: false,
    }
    if (opening === undefined) return runSteps(steps, progress)
    const decision = failClosed(request, deps.log, () => runSteps(steps, progress))
    return whenKnown(decision, (known) => opened(opening, known))
  }

  return (request) => failClosed(request, deps.log, () => decide(request))
}

/**
 * An open route serves everyone; the app is told who is signed in and may enter all the same. Only a
 * bad token where nothing else counts is refused there too, as in oauth2-proxy.
 */
function opened(reason: AllowReason, decision: Decision): Decision {
  if (decision.reason === 'bearer-token-invalid') return decision
  const session = decision.outcome === 'allow' ? decision.session : undefined
  // Who may not is still refreshed or ended: the browser must learn of it.
  const cookies = decision.outcome === 'unavailable' ? [] : decision.cookies
  return { outcome: 'allow', reason, session, cookies }
}

type Opening = readonly [AllowReason, (request: AuthRequest) => boolean]

/** Only what the options ask for is looked at. */
function createOpenings({ options, isSkippedRoute }: CheckDeps): readonly Opening[] {
  const { skip_auth_preflight, trusted_ips } = options
  const openings: Opening[] = [['skipped-route', isSkippedRoute]]
  if (skip_auth_preflight) openings.push(['preflight', ({ method }) => method === 'OPTIONS'])
  if (trusted_ips.length > 0) {
    const isTrusted = ({ clientIp }: AuthRequest): boolean =>
      trusted_ips.some((range) => range.contains(clientIp))
    openings.push(['trusted-ip', isTrusted])
  }
  return openings
}

function failClosed(
  request: AuthRequest,
  log: Log,
  decide: () => Eventual<Decision>,
): Eventual<Decision> {
  try {
    const decision = decide()
    if (!(decision instanceof Promise)) return decision
    return decision.catch((error: unknown) => toUnavailable(error, request, log))
  } catch (error) {
    return toUnavailable(error, request, log)
  }
}

function toUnavailable(error: unknown, { requestId }: AuthRequest, log: Log): Decision {
  if (error instanceof Unavailable) {
    log.warn(`${error.dependency} unavailable`, { requestId, cause: describeError(error) })
    return { outcome: 'unavailable', reason: `${error.dependency}-unavailable` }
  }
  log.error('check failed', { requestId, cause: describeError(error) })
  return { outcome: 'unavailable', reason: 'internal-error' }
}

/** In order, without waiting where a step knows its answer. */
function runSteps(steps: readonly Step[], progress: Progress, from = 0): Eventual<Decision> {
  for (let index = from; index < steps.length; index += 1) {
    const decision = steps[index]?.(progress)
    if (decision instanceof Promise) {
      return decision.then((decided) => decided ?? runSteps(steps, progress, index + 1))
    }
    if (decision) return decision
  }
  const { session, by, cookies } = progress
  // Unreachable while `storedSession` is a step; without a session nothing may pass.
  if (session === undefined) return { outcome: 'login', reason: 'no-session', cookies }
  return { outcome: 'allow', reason: by, session, cookies }
}

/** `judge` is what of the steps concerns a session that is neither stored nor refreshed. */
function bearerToken(
  { options, log }: CheckDeps,
  sessionOf: BearerSessions,
  judge: readonly Step[],
): Step {
  return (progress) =>
    whenKnown(sessionOf(progress.request.authorization), (found) => {
      switch (found.kind) {
        case 'none':
          return undefined
        case 'refused':
          log.debug('bearer token refused', {
            requestId: progress.request.requestId,
            cause: found.detail,
          })
          return options.bearer_token_login_fallback ? undefined : badToken
        case 'session':
          progress.session = found.session
          progress.by = 'bearer-token'
          return runSteps(judge, progress)
      }
    })
}

const badToken: Decision = {
  outcome: 'deny',
  reason: 'bearer-token-invalid',
  session: undefined,
  cookies: [],
}

function storedSession({ sessions }: CheckDeps): Step {
  return (progress) =>
    whenKnown(sessions.load(progress.context), (loaded) => {
      switch (loaded.state) {
        case 'none':
          return { outcome: 'login', reason: 'no-session', cookies: [] }
        case 'invalid':
          return { outcome: 'login', reason: 'session-invalid', cookies: [] }
        case 'found':
          progress.session = loaded.session
          progress.cookies = loaded.cookies ?? []
          return undefined
      }
    })
}

function absoluteExpiry({ clock }: CheckDeps): Step {
  return ({ session }) => {
    if (!session || session.expiresAt === 0 || clock.now() < session.expiresAt) return undefined
    return { outcome: 'login', reason: 'session-expired', cookies: [] }
  }
}

function idleTimeout({ activity }: CheckDeps): Step {
  return (progress) => {
    const presence = progress.session && activity.presence(progress.session, progress.context)
    if (presence === undefined) return undefined
    return whenKnown(presence, (found) => {
      if (found?.kind === 'away') {
        return { outcome: 'login', reason: 'session-idle', cookies: found.cookies }
      }
      if (found) progress.session = found.session
      return undefined
    })
  }
}

function refreshWhenDue({ refreshSession }: CheckDeps): Step {
  return (progress) => {
    if (!progress.session) return undefined
    return whenKnown(refreshSession(progress.session, progress.context), (outcome) => {
      switch (outcome.kind) {
        case 'current':
          return undefined
        case 'pending':
          progress.isPending = true
          return undefined
        case 'refreshed':
          progress.session = outcome.session
          if (outcome.cookies.length > 0) progress.cookies = outcome.cookies
          return undefined
        case 'ended':
          return { outcome: 'login', reason: outcome.reason, cookies: outcome.cookies }
        case 'unavailable':
          return { outcome: 'unavailable', reason: outcome.reason }
      }
    })
  }
}

function noteActivity({ activity }: CheckDeps): Step {
  return (progress) => {
    const { session, context, request } = progress
    if (!session || progress.isPending) return undefined
    const cookies = activity.note(session, context, request)
    if (cookies.length > 0) progress.cookies = cookies
    return undefined
  }
}

function policy({ authorize }: CheckDeps): Step {
  return ({ session, cookies }) => {
    const reason = session && authorize(session.identity)
    return reason && { outcome: 'deny', reason, session, cookies }
  }
}

function queryLimits({ isWithinLimits }: CheckDeps): Step {
  return ({ request, session, cookies }) => {
    if (!session || isWithinLimits(session.identity, request.limits)) return undefined
    return { outcome: 'deny', reason: 'query-limit', session, cookies }
  }
}
