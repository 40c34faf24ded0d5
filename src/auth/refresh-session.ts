// One refresh per session at a time, here and in other replicas, and nobody waits for it while the
// access token is good. One that the provider refuses ends the session; any other failure keeps it.
import type { Recorder } from './recorder.ts'
import { createRefreshFlight, versionOf, type Flight } from './refresh-flight.ts'
import { refreshNeed, type RefreshTimes } from './refresh-need.ts'
import { createRefreshPauses } from './refresh-pause.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { UnavailableReason } from '../core/decision.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { Background } from '../lib/background.ts'
import type { Clock } from '../lib/clock.ts'
import type { Eventual } from '../lib/eventual.ts'
import { createSingleFlight } from '../lib/single-flight.ts'
import { within } from '../lib/within.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { CookieContext, SessionStore } from '../session/store.ts'

export type RefreshOutcome =
  /** Not due, or due and not to be waited for. */
  | { readonly kind: 'current' }
  /** The cookie is about to be renewed: another one now would only get in its way. */
  | { readonly kind: 'pending' }
  | Attempt
  /** The access token is over and there is no refresh token. */
  | {
      readonly kind: 'ended'
      readonly reason: 'token-expired'
      readonly cookies: readonly SetCookie[]
    }

type Attempt =
  | Flight
  /** The access token is over and nobody can be asked for a new one; the session is kept. */
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason }

export type RefreshSession = (session: Session, context: CookieContext) => Eventual<RefreshOutcome>

export interface RefreshDeps {
  readonly options: RefreshTimes
  readonly sessions: SessionStore
  readonly oidc: Pick<OidcClient, 'refresh'>
  readonly clock: Clock
  readonly log: Log
  readonly record: Pick<Recorder, 'refresh'>
  readonly background: Background
}

const current: RefreshOutcome = { kind: 'current' }
const pending: RefreshOutcome = { kind: 'pending' }

/**
 * How long requests that still carry the old cookie get the result of the refresh they missed. A
 * cookie that opens nothing but itself may come for a while yet; a ticket finds the new session.
 */
const keepMs = { sealedCookie: 10 * 60_000, ticket: 60_000 } as const
const flightLimit = 10_000
/** How long one check waits for the new cookie that it is to carry: beyond that a later one does. */
const carryMs = 1_000

export function createRefreshSession(deps: RefreshDeps): RefreshSession {
  const { options, sessions, clock, background } = deps
  const fly = createRefreshFlight(deps)
  const pauses = createRefreshPauses(deps)
  const keepResultMs = sessions.isCookieRenewed ? keepMs.sealedCookie : keepMs.ticket
  const inFlight = createSingleFlight<Attempt>({
    clock,
    keepMs: ({ kind }) => (kind === 'unavailable' ? 0 : keepResultMs),
    limit: flightLimit,
  })

  async function attempt(session: Session, context: CookieContext): Promise<Attempt> {
    const version = versionOf(session)
    try {
      const flight = await fly(session, context)
      pauses.succeeded(version)
      return flight
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      pauses.failed(version, session, error)
      return { kind: 'unavailable', reason: `${error.dependency}-unavailable` }
    }
  }

  function refresh(
    session: Session,
    context: CookieContext,
    mayPass: boolean,
  ): Eventual<RefreshOutcome> {
    let isFirst = false
    const attempted = inFlight(versionOf(session), () => {
      isFirst = true
      return attempt(session, context)
    })
    if (!(attempted instanceof Promise)) return known(attempted, context)
    if (isFirst) background.run(attempted)
    if (!mayPass) return attempted
    if (isFirst && sessions.bringsCookie(context)) return carried(attempted)
    return sessions.isCookieRenewed ? pending : current
  }

  async function carried(attempted: Promise<Attempt>): Promise<RefreshOutcome> {
    const outcome = await within(carryMs, attempted)
    if (outcome === undefined) return pending
    return outcome.kind === 'unavailable' ? current : outcome
  }

  /** A result of before may be over by now itself, where the new cookie never reached the browser. */
  function known(outcome: Attempt, context: CookieContext): Eventual<RefreshOutcome> {
    if (outcome.kind !== 'refreshed') return outcome
    const isOver = refreshNeed(options, outcome.session, clock.now()) === 'over'
    return isOver ? refreshSession(outcome.session, context) : outcome
  }

  function refreshSession(session: Session, context: CookieContext): Eventual<RefreshOutcome> {
    const need = refreshNeed(options, session, clock.now())
    if (need === 'none') return current
    const mayPass = need === 'due'
    if (session.tokens.refreshToken === '') {
      return mayPass ? current : { kind: 'ended', reason: 'token-expired', cookies: [] }
    }
    const reason = pauses.reason(versionOf(session))
    if (reason === undefined) return refresh(session, context, mayPass)
    return mayPass ? current : { kind: 'unavailable', reason }
  }

  return refreshSession
}
