// One refresh per session at a time, here and in other replicas. One that the provider refuses ends
// the session; any other failure keeps it and tries again a little later.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recorder } from './recorder.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { UnavailableReason } from '../core/decision.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { isSameState, type Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'
import type { Eventual } from '../lib/eventual.ts'
import { createSingleFlight } from '../lib/single-flight.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { CookieContext, SessionStore } from '../session/store.ts'

export type RefreshOutcome =
  /** Not due, or due but not possible now while the session is still good. */
  | { readonly kind: 'current' }
  | {
      readonly kind: 'refreshed'
      readonly session: Session
      readonly cookies: readonly SetCookie[]
    }
  | {
      readonly kind: 'ended'
      readonly reason: 'refresh-rejected' | 'token-expired'
      readonly cookies: readonly SetCookie[]
    }
  /** The access token is over and nobody can be asked for a new one; the session is kept. */
  | { readonly kind: 'unavailable'; readonly reason: UnavailableReason }

export type RefreshSession = (session: Session, context: CookieContext) => Eventual<RefreshOutcome>

export interface RefreshDeps {
  /** Milliseconds; 0 = tokens are not looked at after the sign-in. */
  readonly options: { readonly cookie_refresh: number }
  readonly sessions: SessionStore
  readonly oidc: Pick<OidcClient, 'refresh'>
  readonly clock: Clock
  readonly log: Log
  readonly record: Pick<Recorder, 'refresh'>
}

const current: RefreshOutcome = { kind: 'current' }

type Flight = Exclude<RefreshOutcome, { readonly kind: 'current' }>

/** How long requests that still carry the old cookie get the result of the refresh they missed. */
const keepRefreshedMs = 60_000
/** How long a failed refresh is not tried again. */
const retryAfterMs = 5_000
const flightLimit = 10_000
/** How long the refresh of another replica is waited for, and how often it is looked for. */
const othersTurnMs = 5_000
const lookEveryMs = 100

export function createRefreshSession(deps: RefreshDeps): RefreshSession {
  const { options, clock } = deps
  const refresh = createRefresh(deps)
  const inFlight = createSingleFlight<Flight>({
    clock,
    keepMs: ({ kind }) => (kind === 'unavailable' ? retryAfterMs : keepRefreshedMs),
    limit: flightLimit,
  })

  return (session, context) => {
    if (options.cookie_refresh === 0) return current
    const now = clock.now()
    const tokenIsOver = session.tokenExpiresAt !== 0 && session.tokenExpiresAt <= now
    const isDue = tokenIsOver || now - session.refreshedAt >= options.cookie_refresh
    if (!isDue) return current
    if (session.tokens.refreshToken === '') {
      return tokenIsOver ? { kind: 'ended', reason: 'token-expired', cookies: [] } : current
    }
    return inFlight(versionOf(session), () => refresh(session, context)).then((outcome) =>
      outcome.kind === 'unavailable' && !tokenIsOver ? current : outcome,
    )
  }
}

/** Names one state of a session: the old refresh token is used at most once (RFC 9700 4.14). */
function versionOf(session: Session): string {
  return `${session.id}:${session.generation}:${session.refreshedAt}`
}

function createRefresh(deps: RefreshDeps) {
  const { sessions, oidc, clock, log, record } = deps
  // What the provider gave and the store could not take yet: the refresh token it replaced is dead.
  const unsaved = new Map<string, Session>()

  async function fetchTokens(session: Session): Promise<Session | undefined> {
    const result = await oidc.refresh(session)
    if (!result.ok) {
      log.info('refresh rejected', { session: session.id, cause: result.detail })
      return undefined
    }
    const { tokens, tokenExpiresAt, identity = session.identity } = result
    const generation = session.generation + 1
    return { ...session, identity, tokens, tokenExpiresAt, generation, refreshedAt: clock.now() }
  }

  async function end(context: CookieContext): Promise<Flight> {
    const cookies = await sessions.remove(context)
    return { kind: 'ended', reason: 'refresh-rejected', cookies }
  }

  /** What another replica has made of the session in the meantime; undefined = nothing. */
  async function findResult(session: Session, context: CookieContext): Promise<Flight | undefined> {
    const loaded = await sessions.reload(context)
    if (loaded.state !== 'found') return end(context)
    if (isSameState(loaded.session, session)) return undefined
    return { kind: 'refreshed', session: loaded.session, cookies: [] }
  }

  /** Waits for the replica whose turn it is, and takes over should it die. */
  async function takeTurn(session: Session, context: CookieContext): Promise<Flight> {
    for (let waitedMs = 0; waitedMs <= othersTurnMs; waitedMs += lookEveryMs) {
      const endTurn = await sessions.takeRefreshTurn(session)
      try {
        const result = await findResult(session, context)
        if (result) return result
        if (endTurn) return await run(session, context)
      } finally {
        await endTurn?.()
      }
      await sleep(lookEveryMs)
    }
    throw new Unavailable('provider', 'another replica waits for its answer')
  }

  async function run(session: Session, context: CookieContext): Promise<Flight> {
    const version = versionOf(session)
    const fresh = unsaved.get(version) ?? (await fetchTokens(session))
    if (fresh === undefined) {
      // A replica whose turn was lost: ours was refused because of it.
      const result = await findResult(session, context)
      if (result) return result
      record.refresh(session, 'rejected')
      return end(context)
    }
    unsaved.set(version, fresh)
    if (unsaved.size > flightLimit) unsaved.delete(unsaved.keys().next().value ?? '')
    const cookies = await sessions.replace(fresh, context, session)
    unsaved.delete(version)
    if (cookies === undefined) return overtaken(session, context)
    record.refresh(session, 'refreshed')
    return { kind: 'refreshed', session: fresh, cookies }
  }

  /** Someone was faster, or the session ended while the provider was asked: theirs counts. */
  async function overtaken(session: Session, context: CookieContext): Promise<Flight> {
    const result = await findResult(session, context)
    if (result) return result
    throw new Unavailable('store', 'the session is not there as it was read')
  }

  return async (session: Session, context: CookieContext): Promise<Flight> => {
    try {
      return await takeTurn(session, context)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      record.refresh(session, 'unavailable')
      log.warn('refresh failed, session kept', {
        session: session.id,
        cause: describeError(error),
      })
      return { kind: 'unavailable', reason: `${error.dependency}-unavailable` }
    }
  }
}
