import { formatSetCookie, type SetCookie } from '../../src/core/cookie.ts'
import { parseCookies } from '../../src/lib/cookie-header.ts'
import type { CookieContext } from '../../src/session/store.ts'

/** What a browser keeps for one host, told by `Set-Cookie` alone. */
export interface BrowserCookies {
  take(cookies: readonly SetCookie[]): void
  /** What is kept, as name to value; a test may plant and remove. */
  readonly kept: Map<string, string>
  /** The next request, with other cookies before ours and after. */
  request(extra?: { readonly before?: string; readonly after?: string }): CookieContext
}

export const browserHost = 'app.example.com'

export function createBrowserCookies(): BrowserCookies {
  const kept = new Map<string, string>()
  return {
    kept,
    take(cookies) {
      for (const cookie of cookies) {
        if (formatSetCookie(cookie).length > 4096) continue
        if (cookie.maxAgeSeconds === 0) kept.delete(cookie.name)
        else kept.set(cookie.name, cookie.value)
      }
    },
    request({ before = '', after = '' } = {}) {
      const own = [...kept].map(([name, value]) => `${name}=${value}`)
      const header = [before, ...own, after].filter((part) => part !== '').join('; ')
      return { cookies: parseCookies(header), host: browserHost }
    },
  }
}
