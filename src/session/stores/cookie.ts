import type { SetCookie } from '../../core/cookie.ts'
import type { Session, Tokens } from '../../core/session.ts'
import type { Clock } from '../../lib/clock.ts'
import { createSealer } from '../../lib/sealer.ts'
import { revealAll, type Secret } from '../../lib/secret.ts'
import { decodeSession, encodeSession } from '../codec.ts'
import { isAlive } from '../lifetime.ts'
import { createSessionCookie, type SessionCookieOptions } from '../session-cookie.ts'
import type { CookieContext, LoadedSession, SessionStore } from '../store.ts'

export interface CookieStoreOptions extends SessionCookieOptions {
  /** The first seals, all open. */
  readonly cookie_secret: readonly Secret[]
  /** Leave the tokens out: a cookie that stays small. */
  readonly session_cookie_minimal: boolean
}

const noTokens: Tokens = { accessToken: '', idToken: '', refreshToken: '' }

/**
 * The sealed session is the cookie. Nothing to run and nothing that can be down, but a cookie once
 * copied opens until the session's own end: there is no place to end it.
 */
export function createCookieStore(
  options: CookieStoreOptions,
  clock: Clock,
  cookieSecrets = () => options.cookie_secret,
): SessionStore {
  const cookie = createSessionCookie(options, clock)
  const sealer = createSealer(revealAll(cookieSecrets), 'session-cookie')

  function open(value: string): Session | undefined {
    const bytes = sealer.open(value, options.cookie_name)
    const session = bytes && decodeSession(bytes)
    return session && isAlive(session, clock.now()) ? session : undefined
  }

  function write(session: Session, context: CookieContext): readonly SetCookie[] {
    const kept = options.session_cookie_minimal ? { ...session, tokens: noTokens } : session
    return cookie.write(sealer.seal(encodeSession(kept, true), options.cookie_name), kept, context)
  }

  function find(context: CookieContext, isWanted: (session: Session) => boolean) {
    for (const value of cookie.read(context)) {
      const session = open(value)
      if (session && isWanted(session)) return session
    }
    return undefined
  }

  /** In the place of the one that the request shows, whatever state of it that is; its end stays. */
  function renew(session: Session, context: CookieContext): readonly SetCookie[] | undefined {
    const current = find(context, ({ id }) => id === session.id)
    return current && write({ ...session, expiresAt: current.expiresAt }, context)
  }

  function load(context: CookieContext): LoadedSession {
    const session = find(context, () => true)
    if (session) return { state: 'found', session }
    return { state: cookie.isShown(context) ? 'invalid' : 'none' }
  }

  return {
    isCookieRenewed: true,
    bringsCookie: () => true,
    load,
    reload: async (context) => load(context),
    async create(session, context) {
      return write(session, context)
    },
    async replace(session, context) {
      return renew(session, context)
    },
    touch(session, context, activeAt) {
      return renew({ ...session, activeAt }, context) ?? []
    },
    async endIf(isOver, context) {
      return find(context, isOver) && cookie.erase(context)
    },
    async takeRefreshTurn() {
      return async () => {}
    },
    async remove(context) {
      return cookie.erase(context)
    },
    revocations: undefined,
    directory: undefined,
    async ping() {},
    async close() {},
  }
}
