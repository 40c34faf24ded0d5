import type { AuthRequest, FrontName } from '../core/auth-request.ts'
import type { Log } from '../core/events.ts'

/** Looks out for a gateway that does not pass `Cookie` on: nobody would ever be signed in. */
export interface CookieWatch {
  checked(request: AuthRequest): void
  signedIn(): void
}

/** So many people signed in, and so many of their navigations without any cookie, is no accident. */
const enough = 3

/** Says so once per front. Each check costs a look into a set, once one has had a cookie. */
export function createCookieWatch({ log }: { readonly log: Log }): CookieWatch {
  const settled = new Set<FrontName>()
  const bare = new Map<FrontName, number>()
  let signIns = 0

  return {
    signedIn() {
      signIns += 1
    },
    checked(request) {
      const { front } = request
      if (settled.has(front)) return
      if (request.cookieHeader !== undefined) {
        settled.add(front)
        return
      }
      if (signIns < enough || !request.canRedirect) return
      const count = (bare.get(front) ?? 0) + 1
      bare.set(front, count)
      if (count < enough) return
      settled.add(front)
      log.warn('checks come without cookies', {
        front,
        message:
          'people sign in, but no check had a Cookie header: list cookie among the headers that ' +
          'the gateway sends (headersToExtAuth, allowedHeaders, authRequestHeaders, ...), and see ' +
          'that cookie_domains covers the app',
      })
    },
  }
}
