import type { SessionBackend } from './backend.ts'
import type { Log } from '../../core/events.ts'
import { Unavailable } from '../../core/errors.ts'
import { isSameState, type Session } from '../../core/session.ts'
import type { Clock } from '../../lib/clock.ts'
import { revealAll, type Secret } from '../../lib/secret.ts'
import { createSeenBefore } from '../../lib/seen-before.ts'
import { decodeSession, encodeSession } from '../codec.ts'
import { isAlive, keepMs } from '../lifetime.ts'
import { createSessionIndex } from '../session-index.ts'
import { createSessionCookie, type SessionCookieOptions } from '../session-cookie.ts'
import type { CookieContext, LoadedSession, SessionStore } from '../store.ts'
import { createTicketBook, type Ticket } from '../ticket.ts'

export interface TicketedStoreOptions extends SessionCookieOptions {
  /** The first seals, all open. */
  readonly cookie_secret: readonly Secret[]
  /** Milliseconds; 0 = none. */
  readonly session_idle_timeout: number
}

export interface TicketedStoreDeps {
  readonly backend: SessionBackend
  readonly clock: Clock
  readonly log: Log
  /** In place of the option's, where they may change. */
  readonly cookieSecrets?: (() => readonly Secret[]) | undefined
}

export interface TicketedStore extends SessionStore {
  /** The backend's key of the session that this cookie value opens; undefined when it is not ours. */
  storeKeyOf(cookieValue: string): string | undefined
}

/** What is written over a session besides refreshes is rare and quick. */
const writeAttempts = 5

interface Stored {
  readonly session: Session
  /** As it was read: what a write goes over. */
  readonly value: Uint8Array
}

interface ShownTicket extends Ticket {
  readonly cookieValue: string
}

/** Sessions under an older secret, of which a browser may show each a while yet. */
const rememberedIds = 16 * 1024

/** Sessions in a backend that holds only ciphertext; the cookie is a ticket and stays as it is. */
export function createTicketedStore(
  options: TicketedStoreOptions,
  { backend, clock, log, cookieSecrets = () => options.cookie_secret }: TicketedStoreDeps,
): TicketedStore {
  const cookie = createSessionCookie(options, clock)
  const index = createSessionIndex(options, { backend, clock, cookieSecrets })
  const book = createTicketBook(revealAll(cookieSecrets), options.cookie_name)

  const isIndexedAnew = createSeenBefore(rememberedIds)

  /** Each ticket once, however often the request shows it. */
  function* ticketsIn(context: CookieContext): Iterable<ShownTicket> {
    const seen = new Set<string>()
    for (const cookieValue of cookie.read(context)) {
      const ticket = book.open(cookieValue)
      if (!ticket || seen.has(ticket.storeKey)) continue
      seen.add(ticket.storeKey)
      yield { ...ticket, cookieValue }
    }
  }

  /** A ticket under an older secret would die with it, and with it what finds the session. */
  async function renewed(ticket: ShownTicket, session: Session, context: CookieContext) {
    const value = book.renew(ticket.cookieValue)
    if (value === undefined) return undefined
    if (!isIndexedAnew(session.id)) await index.add(session, ticket.storeKey)
    return cookie.write(value, session, context)
  }

  async function read(ticket: Ticket): Promise<Stored | undefined> {
    const value = await backend.get(ticket.storeKey)
    if (value === undefined) return undefined
    const bytes = ticket.open(value)
    const session = bytes && decodeSession(bytes)
    if (!session) log.warn('stored session is unreadable', { key: ticket.storeKey })
    return session && isAlive(session, clock.now()) ? { session, value } : undefined
  }

  /**
   * Changes what is stored, again when somebody else wrote in between. False when there is nothing, or
   * nothing that `change` applies to (undefined).
   */
  async function update(
    ticket: Ticket,
    change: (stored: Stored) => boolean | Promise<boolean> | undefined,
  ): Promise<boolean> {
    for (let attempt = 0; attempt < writeAttempts; attempt += 1) {
      const stored = await read(ticket)
      const done = stored && change(stored)
      if (done === undefined) return false
      if (await done) return true
    }
    throw new Unavailable('store', 'the session changed at each attempt to write it')
  }

  function ttlOf(session: Session): number | undefined {
    return keepMs(session, clock.now(), options.session_idle_timeout)
  }

  /** False when `over` is not there any more. */
  function write(ticket: Ticket, session: Session, over: Stored): Promise<boolean> {
    const value = ticket.seal(encodeSession(session, false))
    return backend.replace(ticket.storeKey, value, ttlOf(session), over.value)
  }

  async function end(tickets: readonly Ticket[]): Promise<void> {
    await Promise.all(
      tickets.map(async (ticket) => {
        const stored = await read(ticket)
        await backend.delete(ticket.storeKey)
        if (stored) await index.remove(stored.session)
      }),
    )
  }

  async function load(context: CookieContext): Promise<LoadedSession> {
    for (const ticket of ticketsIn(context)) {
      const stored = await read(ticket)
      if (!stored) continue
      const { session } = stored
      const cookies = await renewed(ticket, session, context)
      return { state: 'found', session, ...(cookies && { cookies }) }
    }
    return { state: cookie.isShown(context) ? 'invalid' : 'none' }
  }

  return {
    isCookieRenewed: false,
    bringsCookie: (context) =>
      [...cookie.read(context)].some((value) => book.renew(value) !== undefined),
    load,
    reload: load,
    async create(session, context) {
      const { ticket, cookieValue } = book.issue()
      const value = ticket.seal(encodeSession(session, false))
      await backend.set(ticket.storeKey, value, ttlOf(session))
      await end([...ticketsIn(context)])
      await index.add(session, ticket.storeKey)
      return cookie.write(cookieValue, session, context)
    },
    async replace(session, context, base) {
      for (const ticket of ticketsIn(context)) {
        const isWritten = await update(ticket, (over) => {
          const stored = over.session
          // Written before, but the answer was lost on its way.
          if (isSameState(stored, session)) return true
          if (!isSameState(stored, base)) return undefined
          const { expiresAt } = stored
          const activeAt = Math.max(stored.activeAt, session.activeAt)
          return write(ticket, { ...session, expiresAt, activeAt }, over)
        })
        if (isWritten) return []
      }
      return undefined
    },
    async touch({ id }, context, activeAt) {
      for (const ticket of ticketsIn(context)) {
        const isDone = await update(ticket, (over) => {
          const stored = over.session
          if (stored.id !== id) return undefined
          return stored.activeAt >= activeAt || write(ticket, { ...stored, activeAt }, over)
        })
        if (isDone) break
      }
      return []
    },
    async endIf(isOver, context) {
      for (const ticket of ticketsIn(context)) {
        let ended: Session | undefined
        const isEnded = await update(ticket, ({ session, value }) => {
          ended = session
          return isOver(session) ? backend.deleteExpected(ticket.storeKey, value) : undefined
        })
        if (!isEnded || !ended) continue
        await index.remove(ended)
        return cookie.erase(context)
      }
      return undefined
    },
    takeRefreshTurn: ({ id }) => backend.lock(`${options.cookie_name}-refresh-${id}`),
    async remove(context) {
      await end([...ticketsIn(context)])
      return cookie.erase(context)
    },
    revocations: index,
    directory: index,
    storeKeyOf: (cookieValue) => book.open(cookieValue)?.storeKey,
    ping: () => backend.ping(),
    close: () => backend.close(),
  }
}
