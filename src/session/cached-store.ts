// What a cookie was proven to stand for need not be proven again: neither opened, nor fetched.
import { joinCookies } from './cookie-parts.ts'
import type { CookieContext, LoadedSession, SessionStore } from './store.ts'
import type { Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'
import { whenKnown } from '../lib/eventual.ts'
import { createRecentCache } from '../lib/recent-cache.ts'
import { createSeenBefore } from '../lib/seen-before.ts'
import { ownCopy } from '../lib/bytes.ts'

export interface CachedStoreDeps {
  readonly cookieName: string
  readonly clock: Clock
  /**
   * How long another process may change a session before this one looks: the time within which a
   * sign-out works everywhere (SEC-30). Infinity where nobody else can change it.
   */
  readonly trustMs: number
  readonly limitBytes: number
  /** What was opened with other secrets than these counts no more. Absent = they never change. */
  readonly cookieSecrets?: () => unknown
}

interface Entry {
  /** The whole cookie value. */
  readonly text: string
  readonly loaded: LoadedSession
  readonly until: number
}

/** Each value ends in an authentication tag, so its end tells it from all others; less to hash. */
const tailLength = 32

const none: LoadedSession = { state: 'none' }

/** Of sessions that were shown once and did not come again yet: a quarter of a mebibyte. */
const rememberedTails = 64 * 1024

/**
 * Keeps opened sessions by the exact text of their cookie (docs/decisions/0007), from the second
 * time that they are shown. What this process changes it forgets at once, and nothing that was read
 * while it changed is kept.
 */
export function createCachedStore(store: SessionStore, deps: CachedStoreDeps): SessionStore {
  const { cookieName, clock, trustMs, cookieSecrets = () => undefined } = deps
  let cache = createRecentCache<Entry>(deps.limitBytes)
  let secrets = cookieSecrets()
  const textIn = createTextIn(cookieName)
  const isSeenBefore = createSeenBefore(rememberedTails)
  let changes = 0

  function keep(text: string, loaded: LoadedSession): void {
    // One that never comes again would only push others out and be cleared away later.
    if (loaded.state !== 'found' || !isSeenBefore(tailOf(text))) return
    const { session } = loaded
    const end = session.expiresAt === 0 ? Infinity : session.expiresAt
    const until = Math.min(clock.now() + trustMs, end)
    const own = ownCopy(text)
    cache.set(tailOf(own), { text: own, loaded, until }, text.length + sizeOf(session))
  }

  function forget(context: CookieContext): void {
    changes += 1
    for (const value of joinCookies(cookieName, context.cookies)) cache.delete(tailOf(value))
  }

  /** A cookie under a secret that is gone opens nothing, also here. */
  function noticeRotation(): void {
    const current = cookieSecrets()
    if (current === secrets) return
    secrets = current
    changes += 1
    cache = createRecentCache<Entry>(deps.limitBytes)
  }

  async function change<T>(context: CookieContext, run: () => Promise<T>): Promise<T> {
    forget(context)
    try {
      return await run()
    } finally {
      forget(context)
    }
  }

  return {
    ...store,
    load(context) {
      if (context.cookies.size === 0) return none
      noticeRotation()
      const text = textIn(context)
      if (text === undefined) return store.load(context)
      const entry = cache.get(tailOf(text))
      if (entry?.text === text && clock.now() < entry.until) return entry.loaded
      const changesBefore = changes
      return whenKnown(store.load(context), (loaded) => {
        noticeRotation()
        if (changes === changesBefore) keep(text, loaded)
        return loaded
      })
    },
    reload: (context) => change(context, () => store.reload(context)),
    create: (session, context) => change(context, () => store.create(session, context)),
    replace: (session, context, base) =>
      change(context, () => store.replace(session, context, base)),
    touch(session, context, activeAt) {
      forget(context)
      return whenKnown(store.touch(session, context, activeAt), (cookies) => {
        forget(context)
        return cookies
      })
    },
    endIf: (isOver, context) => change(context, () => store.endIf(isOver, context)),
    remove: (context) => change(context, () => store.remove(context)),
  }
}

/**
 * The text that stands for a session, when the request shows exactly one: of several, nobody could
 * say which one was opened.
 */
function createTextIn(name: string): (context: CookieContext) => string | undefined {
  const firstPart = `${name}_0`
  return ({ cookies }) => {
    const whole = cookies.get(name)
    if (!cookies.has(firstPart)) return whole?.length === 1 ? whole[0] : undefined
    const [only, ...others] = joinCookies(name, cookies)
    return others.length === 0 ? only : undefined
  }
}

function tailOf(text: string): string {
  return text.slice(-tailLength)
}

/** Objects, the map's slot, the identity headers' own texts: bytes beside those of the groups. */
const overheadBytes = 1000
/** Of a group: its text's head, its place in the list, and once more its text in a header. */
const groupBytes = 24

/** Bytes in memory, found by measuring, within a tenth. */
function sizeOf({ identity, tokens }: Session): number {
  const { accessToken, idToken, refreshToken } = tokens
  const groups = identity.groups.reduce((sum, { length }) => sum + 2 * length + groupBytes, 0)
  return overheadBytes + groups + accessToken.length + idToken.length + refreshToken.length
}
