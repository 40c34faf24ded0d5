// How long a person may be away (SEC-29). When somebody was last active lives in the session itself;
// it is written seldom, and beside the check where the session lives in a store.
import { versionOf } from './refresh-flight.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { SetCookie } from '../core/cookie.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { Background } from '../lib/background.ts'
import type { Clock } from '../lib/clock.ts'
import type { Eventual } from '../lib/eventual.ts'
import type { CookieContext, SessionStore } from '../session/store.ts'

export interface ActivityOptions {
  /** Milliseconds; 0 = a person may be away as long as they like. */
  readonly session_idle_timeout: number
  /** Only navigations count: what a page asks for by itself keeps no session. */
  readonly session_idle_navigation_only: boolean
}

export interface ActivityDeps {
  readonly options: ActivityOptions
  readonly sessions: SessionStore
  readonly clock: Clock
  readonly log: Log
  readonly record: { idleEnded(session: Session): void }
  readonly background: Background
}

export type Presence =
  /** Seen by another replica: what the store has. */
  | { readonly kind: 'present'; readonly session: Session }
  | { readonly kind: 'away'; readonly cookies: readonly SetCookie[] }

export interface Activity {
  /** Ends a session whose person was away too long; undefined, and at once, for all others. */
  presence(session: Session, context: CookieContext): Eventual<Presence | undefined>
  /** Notes a request that counts. Returns the cookies that say so, where there is no other place. */
  note(session: Session, context: CookieContext, request: AuthRequest): readonly SetCookie[]
}

/** What this process knows before the store or the browser does. */
interface Noted {
  readonly activeAt: number
  readonly cookies: readonly SetCookie[]
}

const notedLimit = 10_000
/** A session ends up to so much early: what came since the last write is lost with its process. */
const writeEvery = { share: 1 / 20, atMostMs: 30_000 } as const

export function createActivity(deps: ActivityDeps): Activity {
  const { options, sessions, clock, log, record, background } = deps
  const timeoutMs = options.session_idle_timeout
  const writeEveryMs = Math.min(timeoutMs * writeEvery.share, writeEvery.atMostMs)
  const noted = new Map<string, Noted>()

  function isAway(session: Session): boolean {
    const notedAt = noted.get(versionOf(session))?.activeAt ?? 0
    return clock.now() - Math.max(session.activeAt, notedAt) >= timeoutMs
  }

  /** The store has the last word: another replica may have seen the person since. */
  async function end(session: Session, context: CookieContext): Promise<Presence> {
    const isOver = (stored: Session): boolean => stored.id === session.id && isAway(stored)
    const cookies = await sessions.endIf(isOver, context)
    if (cookies) {
      record.idleEnded(session)
      return { kind: 'away', cookies }
    }
    const loaded = await sessions.reload(context)
    if (loaded.state !== 'found') return { kind: 'away', cookies: [] }
    return { kind: 'present', session: loaded.session }
  }

  function remember(version: string, entry: Noted): void {
    noted.delete(version)
    noted.set(version, entry)
    if (noted.size > notedLimit) noted.delete(noted.keys().next().value ?? '')
  }

  async function settle(session: Session, activeAt: number, written: Promise<unknown>) {
    const version = versionOf(session)
    try {
      await written
      // From here on whoever loads the session sees it. A later note is still on its way.
      if (noted.get(version)?.activeAt === activeAt) noted.delete(version)
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      log.debug('activity not written', { session: session.id, cause: describeError(error) })
    }
  }

  return {
    presence(session, context) {
      if (timeoutMs === 0 || clock.now() - session.activeAt < timeoutMs) return undefined
      return isAway(session) ? end(session, context) : undefined
    },
    note(session, context, request) {
      if (timeoutMs === 0) return []
      const now = clock.now()
      if (now - session.activeAt < writeEveryMs) return []
      if (options.session_idle_navigation_only && request.isBackground) return []
      const version = versionOf(session)
      const known = noted.get(version)
      if (known && now - known.activeAt < writeEveryMs) return known.cookies
      const written = sessions.touch(session, context, now)
      const cookies = written instanceof Promise ? [] : written
      remember(version, { activeAt: now, cookies })
      if (written instanceof Promise) background.run(settle(session, now, written))
      return cookies
    },
  }
}
