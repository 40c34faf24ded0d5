// What a cookie was proven to stand for need not be proven again: neither opened, nor fetched.
import { joinCookies } from './cookie-parts.ts'
import { createHeardChanges, type HeardChanges } from './heard-changes.ts'
import type { CookieContext, LoadedSession, SessionStore } from './store.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
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
   * How long a session is used without looking again while changes by others are not heard: the
   * time within which a sign-out works everywhere (SEC-30). Infinity where nobody else can change it.
   */
  readonly blindMs: number
  /** How changes by others are heard, where the store tells of them. */
  readonly heard?: {
    readonly changes: HeardChanges
    /** How long a session is used without looking again while they are heard. */
    readonly maxAgeMs: number
    /** Under which key the store keeps the session that this cookie value opens. */
    readonly storeKeyOf: (cookieValue: string) => string | undefined
  }
  /** How long a session may be used beyond that while the store is away; absent = not at all. */
  readonly grace?: {
    readonly ms: number
    readonly log: Log
  }
  readonly limitBytes: number
  /** What was opened with other secrets than these counts no more. Absent = they never change. */
  readonly cookieSecrets?: () => unknown
}

interface Entry {
  /** The whole cookie value. */
  readonly text: string
  readonly loaded: LoadedSession
  /** Clock milliseconds: good by itself until then, */
  readonly blindUntil: number
  /** and until then if nothing that was heard since the mark says otherwise. */
  readonly until: number
  /** And while the store is away, until then, come what may. */
  readonly graceUntil: number
  readonly mark: number
  readonly slot: number
}

/** Each value ends in an authentication tag, so its end tells it from all others; less to hash. */
const tailLength = 32

const none: LoadedSession = { state: 'none' }

const unheard: NonNullable<CachedStoreDeps['heard']> = {
  changes: createHeardChanges(1),
  maxAgeMs: 0,
  storeKeyOf: () => undefined,
}

/** No session takes less. */
const leastBytes = 1024
/** Of four times as many sessions as fit it is known that they were shown: a 64th of the cache. */
const tailsPerSession = 4

function tailsFor(limitBytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, (tailsPerSession * limitBytes) / leastBytes)))
}

/**
 * Keeps opened sessions by the exact text of their cookie (docs/decisions/0007), from the second
 * time that they are shown. What this process changes it forgets at once, what others change as soon
 * as it is heard (docs/decisions/0009), and nothing that was read while it changed is kept.
 */
export function createCachedStore(store: SessionStore, deps: CachedStoreDeps): SessionStore {
  const { cookieName, clock, blindMs, grace, cookieSecrets = () => undefined } = deps
  const { changes: heard, maxAgeMs, storeKeyOf } = deps.heard ?? unheard
  let cache = createRecentCache<Entry>(deps.limitBytes)
  let secrets = cookieSecrets()
  const textIn = createTextIn(cookieName)
  const isSeenBefore = createSeenBefore(tailsFor(deps.limitBytes))
  let changes = 0
  let isInGrace = false

  function isGood({ until, blindUntil, slot, mark }: Entry): boolean {
    const now = clock.now()
    if (now >= until || !heard.isUnchanged(slot, mark)) return false
    return now < blindUntil || now < heard.heardUntil(mark)
  }

  function mayPassAnyway({ graceUntil, slot, mark }: Entry): boolean {
    return clock.now() < graceUntil && heard.isUnchanged(slot, mark)
  }

  function keep(text: string, loaded: LoadedSession, askedAt: number, mark: number): void {
    // One that never comes again would only push others out and be cleared away later.
    if (loaded.state !== 'found' || !isSeenBefore(tailOf(text))) return
    const slot = heard.slotOf(storeKeyOf(text) ?? text)
    if (!heard.isUnchanged(slot, mark)) return
    const { session } = loaded
    const end = session.expiresAt === 0 ? Infinity : session.expiresAt
    const blindUntil = askedAt + blindMs
    const until = Math.max(blindUntil, askedAt + maxAgeMs)
    const graceUntil = grace ? Math.min(until + grace.ms, end) : 0
    const own = ownCopy(text)
    const times = { blindUntil, until: Math.min(until, end), graceUntil }
    const entry = { text: own, loaded, ...times, mark, slot }
    cache.set(tailOf(own), entry, text.length + sizeOf(session))
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
      const kept = cache.get(tailOf(text))
      const entry = kept?.text === text ? kept : undefined
      if (entry && isGood(entry)) return entry.loaded
      const changesBefore = changes
      const askedAt = clock.now()
      const mark = heard.mark()
      const loading = whenKnown(store.load(context), (loaded) => {
        noticeRotation()
        // What was known is out of date, whether or not the new is kept.
        if (entry) cache.delete(tailOf(text))
        if (changes === changesBefore) keep(text, loaded, askedAt, mark)
        if (loaded.state === 'found') isInGrace = false
        return loaded
      })
      if (!grace || !entry || !(loading instanceof Promise)) return loading
      return loading.catch((error: unknown) => {
        noticeRotation()
        const isAway = error instanceof Unavailable && error.dependency === 'store'
        if (!isAway || changes !== changesBefore || !mayPassAnyway(entry)) throw error
        if (!isInGrace) grace.log.warn('sessions pass without the store', { cause: error.message })
        isInGrace = true
        return entry.loaded
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
const overheadBytes = 1400
/** Of a group: its text's head, its place in the list, and once more its text in a header. */
const groupBytes = 24

/** Bytes in memory, found by measuring, within a tenth. */
function sizeOf({ identity, tokens }: Session): number {
  const { accessToken, idToken, refreshToken } = tokens
  const groups = identity.groups.reduce((sum, { length }) => sum + 2 * length + groupBytes, 0)
  return overheadBytes + groups + accessToken.length + idToken.length + refreshToken.length
}
