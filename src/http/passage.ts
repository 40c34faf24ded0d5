import type { FastifyInstance } from 'fastify'
import type { Visit } from './portal.ts'
import { serializeCookies } from './send.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import { header, type RequestHeaders } from '../core/http.ts'
import type { Session } from '../core/session.ts'
import { asHost, asScheme } from '../fronts/original-request.ts'
import type { ProxyTrust } from '../fronts/trust.ts'
import type { IdentityHeaders } from '../headers/identity-headers.ts'
import type { Clock } from '../lib/clock.ts'
import type { Passage } from '../upstream/passage.ts'

export interface PassageDeps {
  readonly options: { readonly cookie_name: string }
  readonly trust: ProxyTrust
  readonly identityHeaders: IdentityHeaders
  readonly clock: Clock
}

/** What proxies say of the client: the upstream hears it from a trusted one, else from us. */
const forwardedHeader =
  /^(?:forwarded|x-real-ip|x-forwarded-(?:for|host|method|port|prefix|proto|server|uri))$/

/** Timers beyond this many milliseconds fire at once. */
const longestTimerMs = 2 ** 31 - 1

/** What goes to the upstream with an allowed request, and what does not. */
export function createPassage(app: FastifyInstance, deps: PassageDeps) {
  const { options, trust, identityHeaders, clock } = deps
  const isOwnCookie = createOwnCookieTest(options.cookie_name)

  function endOf({ expiresAt }: Session): AbortSignal | undefined {
    const leftMs = expiresAt - clock.now()
    return expiresAt === 0 || leftMs > longestTimerMs
      ? undefined
      : AbortSignal.timeout(Math.max(0, leftMs))
  }

  return (
    { raw, request }: Visit,
    { session, cookies }: Extract<Decision, { readonly outcome: 'allow' }>,
    /** Aborted when the session ends before its time. */
    cut: AbortSignal | undefined,
  ): Passage => {
    // Whatever `reverse_proxy` says: it is about what we believe, not about what apps are told.
    const isProxied = trust.isTrustedPeer(raw.peer)
    return {
      requestHeaders: {
        ...originHeaders(request, isProxied ? raw.headers : {}),
        ...(session && identityHeaders.upstream(session)),
      },
      isStripped: (name) =>
        identityHeaders.isIdentityHeader(name) || (!isProxied && forwardedHeader.test(name)),
      isOwnCookie,
      responseHeaders: {
        ...(session && identityHeaders.response(session)),
        ...(cookies.length > 0 && { 'set-cookie': serializeCookies(app, cookies) }),
      },
      signal: anyOf(cut, session && endOf(session)),
    }
  }
}

function anyOf(...signals: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const [first, ...others] = signals.filter((signal) => signal !== undefined)
  return first && others.length > 0 ? AbortSignal.any([first, ...others]) : first
}

/** What the browser addressed, unless a proxy in front of us has said it in a form to believe. */
function originHeaders(
  { host, scheme }: AuthRequest,
  said: RequestHeaders,
): Readonly<Record<string, string>> {
  return {
    ...(!asHost(header(said, 'x-forwarded-host')) && { 'x-forwarded-host': host }),
    ...(!asScheme(header(said, 'x-forwarded-proto')) && { 'x-forwarded-proto': scheme }),
  }
}

/** The session cookie, its parts, and the login cookies. */
function createOwnCookieTest(cookieName: string): (name: string) => boolean {
  const suffix = /^(?:_\d+|_[\w-]{8}_csrf|_csrf)?$/
  return (name) => name.startsWith(cookieName) && suffix.test(name.slice(cookieName.length))
}
