import type { Activity } from '../../src/auth/activity.ts'
import type { AuthRequest } from '../../src/core/auth-request.ts'
import { isSameState, type Session } from '../../src/core/session.ts'
import type { LoadedSession, SessionStore } from '../../src/session/store.ts'

const signedInAt = Date.UTC(2026, 0, 1)

/** Alice, signed in at the start of `fakeClock`; a test names only what it is about. */
export function someSession(changes: Partial<Session> = {}): Session {
  return {
    id: 'session-1',
    identity: {
      user: 'alice-sub',
      email: 'alice@example.com',
      groups: ['admin', 'dev'],
      preferredUsername: 'alice',
    },
    tokens: { accessToken: 'access-1', idToken: 'id-1', refreshToken: 'refresh-1' },
    providerSid: 'provider-session-1',
    browser: { address: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' },
    createdAt: signedInAt,
    generation: 0,
    refreshedAt: signedInAt,
    activeAt: signedInAt,
    expiresAt: 0,
    tokenExpiresAt: 0,
    idTokenExpiresAt: 0,
    ...changes,
  }
}

/** A GET of `https://app.example.com/deep?x=1` by a browser, as a front reads it. */
export function someRequest(changes: Partial<AuthRequest> = {}): AuthRequest {
  return {
    front: 'nginx',
    method: 'GET',
    scheme: 'https',
    host: 'app.example.com',
    uri: '/deep?x=1',
    rulePath: '/deep',
    clientIp: '203.0.113.7',
    cookieHeader: '_oauth2_proxy=x',
    origin: undefined,
    referer: undefined,
    authorization: undefined,
    canRedirect: true,
    isBackground: false,
    limits: undefined,
    requestId: 'request-1',
    ...changes,
  }
}

export interface OneSessionStore extends SessionStore {
  /** What the store holds now. */
  held(): LoadedSession
  /** From now on every call fails with this. */
  fail(error: Error): void
  heal(): void
  takeRefreshTurn: SessionStore['takeRefreshTurn']
}

/** A store that holds one session, whatever the cookies say. */
export function oneSessionStore(loaded: LoadedSession): OneSessionStore {
  let held = loaded
  let failure: Error | undefined
  const setCookie = (value: string) => [
    { name: '_oauth2_proxy', value, path: '/', httpOnly: true, secure: true },
  ]
  async function answer<T>(value: () => T): Promise<T> {
    if (failure) throw failure
    return value()
  }
  return {
    isCookieRenewed: false,
    bringsCookie: () => false,
    held: () => held,
    fail(error) {
      failure = error
    },
    heal() {
      failure = undefined
    },
    load: () => answer(() => held),
    reload: () => answer(() => held),
    create: (session) =>
      answer(() => {
        held = { state: 'found', session }
        return setCookie('created')
      }),
    replace: (session, _context, base) =>
      answer(() => {
        if (held.state !== 'found' || !isSameState(held.session, base)) return undefined
        held = { state: 'found', session }
        return setCookie('replaced')
      }),
    touch: ({ id }, _context, activeAt) =>
      answer(() => {
        if (held.state === 'found' && held.session.id === id) {
          held = { state: 'found', session: { ...held.session, activeAt } }
        }
        return []
      }),
    endIf: (isOver) =>
      answer(() => {
        if (held.state !== 'found' || !isOver(held.session)) return undefined
        held = { state: 'none' }
        return setCookie('')
      }),
    takeRefreshTurn: () => answer(() => async () => {}),
    remove: () =>
      answer(() => {
        held = { state: 'none' }
        return setCookie('')
      }),
    revocations: undefined,
    directory: undefined,
    ping: () => answer(() => undefined),
    close: () => Promise.resolve(),
  }
}

/** For checks that idle times have nothing to do with. */
export const nothingNoted: Activity = { presence: () => undefined, note: () => [] }

/** Records what was logged. */
export function recordedLog() {
  const lines: { level: string; event: string; fields: object }[] = []
  const at =
    (level: string) =>
    (event: string, fields: object = {}) => {
      lines.push({ level, event, fields })
    }
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
