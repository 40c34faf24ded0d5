import { joinCookies, shownNames, splitCookie } from './cookie-parts.ts'
import { createCookieWriter, type CookieAttributes } from './cookies.ts'
import { remainingMs } from './lifetime.ts'
import type { CookieContext } from './store.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'

export interface SessionCookieOptions extends CookieAttributes {
  readonly cookie_name: string
}

/** The browser's side of a session, whatever its value means to the store. */
export interface SessionCookie {
  /** Does the request show a cookie of this name, or a part of one? */
  isShown(context: CookieContext): boolean
  /** All values that the request shows, duplicates and joined parts too; any may be foreign. */
  read(context: CookieContext): Iterable<string>
  /** Sets `value` for as long as the session has to live, and deletes what it outdates. */
  write(value: string, session: Session, context: CookieContext): readonly SetCookie[]
  /** Deletes every cookie and part that the request shows, with `cookie_domains` and without. */
  erase(context: CookieContext): readonly SetCookie[]
}

export function createSessionCookie(options: SessionCookieOptions, clock: Clock): SessionCookie {
  const name = options.cookie_name
  const writer = createCookieWriter(options)

  return {
    isShown: ({ cookies }) => shownNames(name, cookies).length > 0,
    read: ({ cookies }) => joinCookies(name, cookies),
    write(value, session, { cookies, host }) {
      const left = remainingMs(session, clock.now())
      const maxAgeSeconds = left === undefined ? undefined : Math.ceil(left / 1000)
      const written = splitCookie(writer.write(name, value, { host, maxAgeSeconds }))
      const outdated = shownNames(name, cookies).filter(
        (shown) => !written.some((cookie) => cookie.name === shown),
      )
      // New ones first: some gateways pass on only the first cookie of an answer.
      return [...written, ...outdated.map((shown) => writer.erase(shown, host))]
    },
    erase: ({ cookies, host }) =>
      shownNames(name, cookies).flatMap((shown) => {
        const { domain, ...hostOnly } = writer.erase(shown, host)
        return domain === undefined ? [hostOnly] : [{ domain, ...hostOnly }, hostOnly]
      }),
  }
}
