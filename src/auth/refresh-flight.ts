// One refresh of one session: its turn among the replicas, the provider, the store. What the provider
// gave is not lost while the store is away, because the refresh token that it replaced is dead.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Recorder } from './recorder.ts'
import type { SetCookie } from '../core/cookie.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { isSameState, type Session } from '../core/session.ts'
import type { Background } from '../lib/background.ts'
import type { Clock } from '../lib/clock.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { CookieContext, EndTurn, SessionStore } from '../session/store.ts'

export interface RefreshFlightDeps {
  readonly sessions: SessionStore
  readonly oidc: Pick<OidcClient, 'refresh'>
  readonly clock: Clock
  readonly log: Log
  readonly record: Pick<Recorder, 'refresh'>
  readonly background: Background
}

export type Flight =
  | {
      readonly kind: 'refreshed'
      readonly session: Session
      readonly cookies: readonly SetCookie[]
    }
  | {
      readonly kind: 'ended'
      readonly reason: 'refresh-rejected'
      readonly cookies: readonly SetCookie[]
    }

/** How long the refresh of another replica is waited for, and how often it is looked for. */
const othersTurnMs = 5_000
const lookEveryMs = 100
/** How long, and how often, new tokens are tried to be written while nobody asks for them. */
const saveForMs = 60_000
const saveEveryMs = 500
const unsavedLimit = 10_000

/** Names one state of a session: the old refresh token is used at most once (RFC 9700 4.14). */
export function versionOf(session: Session): string {
  return `${session.id}:${session.generation}:${session.refreshedAt}`
}

/** Throws `Unavailable` when the session could neither be refreshed nor ended: it is kept. */
export function createRefreshFlight(
  deps: RefreshFlightDeps,
): (session: Session, context: CookieContext) => Promise<Flight> {
  const { sessions, oidc, clock, log, record, background } = deps
  const unsaved = new Map<string, Session>()

  async function fetchTokens(session: Session): Promise<Session | undefined> {
    const result = await oidc.refresh(session)
    if (!result.ok) {
      log.info('refresh rejected', { session: session.id, cause: result.detail })
      return undefined
    }
    const { identity = session.identity, tokens, tokenExpiresAt, idTokenExpiresAt } = result
    const fresh = { ...session, identity, tokens, tokenExpiresAt, idTokenExpiresAt }
    return { ...fresh, generation: session.generation + 1, refreshedAt: clock.now() }
  }

  /** What another replica has made of the session in the meantime; undefined = nothing. */
  async function findResult(session: Session, context: CookieContext): Promise<Flight | undefined> {
    // Of a sealed cookie there is only what the request shows.
    if (sessions.isCookieRenewed) return undefined
    const loaded = await sessions.reload(context)
    if (loaded.state !== 'found') return ended(await sessions.remove(context))
    if (isSameState(loaded.session, session)) return undefined
    return { kind: 'refreshed', session: loaded.session, cookies: [] }
  }

  async function save(fresh: Session, base: Session, context: CookieContext): Promise<Flight> {
    const version = versionOf(base)
    unsaved.set(version, fresh)
    if (unsaved.size > unsavedLimit) unsaved.delete(unsaved.keys().next().value ?? '')
    const cookies = await sessions.replace(fresh, context, base)
    const isFirst = unsaved.delete(version)
    if (cookies) {
      if (isFirst) {
        log.debug('session refreshed', { session: base.id, generation: fresh.generation })
        record.refresh(base, 'refreshed')
      }
      return { kind: 'refreshed', session: fresh, cookies }
    }
    return overtaken(base, context)
  }

  /** Someone was faster, or the session ended while the provider was asked: theirs counts. */
  async function overtaken(base: Session, context: CookieContext): Promise<Flight> {
    const result = await findResult(base, context)
    if (result) return result
    throw new Unavailable('store', 'the session is not there as it was read')
  }

  /** Keeps the turn: nobody else may use the dead refresh token before what replaced it is written. */
  async function saveLater(base: Session, context: CookieContext, endTurn: EndTurn): Promise<void> {
    try {
      await trySaving(base, context)
    } finally {
      await endTurn()
    }
  }

  async function trySaving(base: Session, context: CookieContext): Promise<void> {
    for (let waitedMs = 0; waitedMs < saveForMs; waitedMs += saveEveryMs) {
      await sleep(saveEveryMs, undefined, { ref: false })
      const fresh = unsaved.get(versionOf(base))
      if (!fresh) return
      try {
        await save(fresh, base, context)
        return
      } catch (error) {
        if (!(error instanceof Unavailable)) throw error
      }
    }
  }

  async function run(session: Session, context: CookieContext): Promise<Flight> {
    const fresh = await fetchTokens(session)
    if (fresh) return save(fresh, session, context)
    // Another replica's is newer when that one lost its turn: ours was refused because of it.
    const isRefused = (stored: Session): boolean =>
      sessions.isCookieRenewed || isSameState(stored, session)
    const cookies = await sessions.endIf(isRefused, context)
    if (!cookies) return overtaken(session, context)
    record.refresh(session, 'rejected')
    return ended(cookies)
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
        const isUnsaved = unsaved.has(versionOf(session))
        if (endTurn && isUnsaved) background.run(saveLater(session, context, endTurn))
        else await endTurn?.()
      }
      await sleep(lookEveryMs)
    }
    throw new Unavailable('provider', 'another replica waits for its answer')
  }

  return (session, context) => {
    const fresh = unsaved.get(versionOf(session))
    return fresh ? save(fresh, session, context) : takeTurn(session, context)
  }
}

function ended(cookies: readonly SetCookie[]): Flight {
  return { kind: 'ended', reason: 'refresh-rejected', cookies }
}
