import type { Revocations, SessionDirectory } from './directory.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { Session } from '../core/session.ts'
import type { RequestCookies } from '../lib/cookie-header.ts'
import type { Eventual } from '../lib/eventual.ts'

/** The request a session is read from or written for. */
export interface CookieContext {
  readonly cookies: RequestCookies
  /** `host[:port]` that the browser addressed: decides the cookie's domain. */
  readonly host: string
}

export type LoadedSession =
  /** No cookie of ours. */
  | { readonly state: 'none' }
  /** A cookie that opens nothing: foreign, tampered with, too old, or its session has ended. */
  | { readonly state: 'invalid' }
  | {
      readonly state: 'found'
      readonly session: Session
      /** The same ticket, sealed anew: with the secret that sealed the one shown it would die. */
      readonly cookies?: readonly SetCookie[]
    }

/** Never rejects: a turn that cannot be ended ends by itself. */
export type EndTurn = () => Promise<void>

/**
 * Where sessions live. Every method throws `Unavailable('store')` when the store did not answer;
 * never for a session that is merely not there.
 */
export interface SessionStore {
  /**
   * Is the session sealed in its cookie? Then a changed one lives in the cookie of an answer, and
   * nobody but the browser knows it.
   */
  readonly isCookieRenewed: boolean
  /** Will a refresh of what these cookies open bring a new cookie, which an answer must carry? */
  bringsCookie(context: CookieContext): boolean
  /** At once when the session is in the process already. */
  load(context: CookieContext): Eventual<LoadedSession>
  /** As the store has it now, whatever this process remembers. */
  reload(context: CookieContext): Promise<LoadedSession>
  /**
   * After a sign-in: always a new ticket, and the sessions that the request's cookies open end
   * (SEC-8; sealed cookies have nowhere to end). Returns the cookies to set, deletions of stale
   * parts included. Throws a RangeError for a session that is too large for the store.
   */
  create(session: Session, context: CookieContext): Promise<readonly SetCookie[]>
  /**
   * After a refresh of `base`, over that session which the request's cookies open; its own end stays
   * (SEC-29). Empty when the session lives in a server-side store: its cookie does not change.
   * Undefined, and nothing is written, when the session is not in the state of `base` any more: it
   * ended, or someone else was faster. Writing the same session again is no conflict.
   */
  replace(
    session: Session,
    context: CookieContext,
    base: Session,
  ): Promise<readonly SetCookie[] | undefined>
  /**
   * Notes when the person was active: in a store over whatever state the session is in by now, never
   * back in time; in a sealed cookie, at once, with `session`.
   */
  touch(session: Session, context: CookieContext, activeAt: number): Eventual<readonly SetCookie[]>
  /**
   * Ends the session that the request's cookies open, in one step: only if `isOver` holds for what is
   * stored, and undefined if it does not. Returns the deletions of our session cookies.
   */
  endIf(
    isOver: (stored: Session) => boolean,
    context: CookieContext,
  ): Promise<readonly SetCookie[] | undefined>
  /**
   * The turn to refresh a session, so that no two processes use its refresh token at once; undefined
   * while another one has it. It lasts until it is ended, or soon after this process dies. Sealed
   * cookies have no place for turns: everyone gets one.
   */
  takeRefreshTurn(session: Session): Promise<EndTurn | undefined>
  /** Ends every session that the request's cookies open and deletes all our session cookies. */
  remove(context: CookieContext): Promise<readonly SetCookie[]>
  /** Undefined where a session cannot be ended from outside its browser. */
  readonly revocations: Revocations | undefined
  /** Undefined for sealed cookies: only browsers know which sessions there are. */
  readonly directory: SessionDirectory | undefined
  /** Resolves when the store answers. */
  ping(): Promise<void>
  close(): Promise<void>
}
