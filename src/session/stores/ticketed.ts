import type { SessionBackend } from './backend.ts'
import type { Log } from '../../core/events.ts'
import type { Session } from '../../core/session.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Secret } from '../../lib/secret.ts'
import { decodeSession, encodeSession } from '../codec.ts'
import { isAlive, remainingMs } from '../lifetime.ts'
import { createSessionCookie, type SessionCookieOptions } from '../session-cookie.ts'
import type { CookieContext, LoadedSession, SessionStore } from '../store.ts'
import { createTicketBook, type Ticket } from '../ticket.ts'

export interface TicketedStoreOptions extends SessionCookieOptions {
  /** The first seals, all open. */
  readonly cookie_secret: readonly Secret[]
}

export interface TicketedStoreDeps {
  readonly backend: SessionBackend
  readonly clock: Clock
  readonly log: Log
}

/** Longer than a refresh takes at a slow provider: a few calls, each within `provider_timeout`. */
const refreshTurnMs = 30_000

/** Sessions in a backend that holds only ciphertext; the cookie is a ticket and never changes. */
export function createTicketedStore(
  options: TicketedStoreOptions,
  { backend, clock, log }: TicketedStoreDeps,
): SessionStore {
  const cookie = createSessionCookie(options, clock)
  const secrets = options.cookie_secret.map((secret) => secret.reveal())
  const book = createTicketBook(secrets, options.cookie_name)

  /** Each ticket once, however often the request shows it. */
  function* ticketsIn(context: CookieContext): Iterable<Ticket> {
    const seen = new Set<string>()
    for (const value of cookie.read(context)) {
      const ticket = book.open(value)
      if (!ticket || seen.has(ticket.storeKey)) continue
      seen.add(ticket.storeKey)
      yield ticket
    }
  }

  async function read(ticket: Ticket): Promise<Session | undefined> {
    const value = await backend.get(ticket.storeKey)
    if (value === undefined) return undefined
    const bytes = ticket.open(value)
    const session = bytes && decodeSession(bytes)
    if (!session) log.warn('stored session is unreadable', { key: ticket.storeKey })
    return session && isAlive(session, clock.now()) ? session : undefined
  }

  async function end(tickets: readonly Ticket[]): Promise<void> {
    await Promise.all(tickets.map((ticket) => backend.delete(ticket.storeKey)))
  }

  async function load(context: CookieContext): Promise<LoadedSession> {
    for (const ticket of ticketsIn(context)) {
      const session = await read(ticket)
      if (session) return { state: 'found', session }
    }
    return { state: cookie.isShown(context) ? 'invalid' : 'none' }
  }

  return {
    load,
    reload: load,
    async create(session, context) {
      const { ticket, cookieValue } = book.issue()
      const value = ticket.seal(encodeSession(session, false))
      await backend.set(ticket.storeKey, value, remainingMs(session, clock.now()))
      await end([...ticketsIn(context)])
      return cookie.write(cookieValue, session, context)
    },
    async replace(session, context) {
      for (const ticket of ticketsIn(context)) {
        const current = await read(ticket)
        if (current?.id !== session.id) continue
        const kept = { ...session, expiresAt: current.expiresAt }
        const value = ticket.seal(encodeSession(kept, false))
        await backend.replace(ticket.storeKey, value, remainingMs(kept, clock.now()))
        break
      }
      return []
    },
    takeRefreshTurn: ({ id }) =>
      backend.lock(`${options.cookie_name}-refresh-${id}`, refreshTurnMs),
    async remove(context) {
      await end([...ticketsIn(context)])
      return cookie.erase(context)
    },
    ping: () => backend.ping(),
    close: () => backend.close(),
  }
}
