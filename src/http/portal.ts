// The endpoints that people's browsers visit. Paths as oauth2-proxy's, below `proxy_prefix`.
import type { FastifyInstance } from 'fastify'
import type { ClientLimits } from './client-limits.ts'
import { readForm } from './form.ts'
import { queryOf, toRawRequest } from './raw-request.ts'
import { noCache, pageAnswer, redirectAnswer, sendAnswer } from './send.ts'
import type { Check } from '../auth/check.ts'
import type { Login, LoginResult, PortalRequest } from '../auth/login.ts'
import { wayOut } from '../auth/page-links.ts'
import type { Recorder } from '../auth/recorder.ts'
import type { SignOut } from '../auth/sign-out.ts'
import type { AuthRequest } from '../core/auth-request.ts'
import { header, type HttpAnswer, type RawRequest } from '../core/http.ts'
import type { SignInFailure } from '../core/sign-in-failure.ts'
import type { ProxyTrust } from '../fronts/trust.ts'
import type { Front } from '../fronts/front.ts'
import { parseCookies } from '../lib/cookie-header.ts'
import type { Pages } from '../pages/pages.ts'
import type { Redirects } from '../redirects/redirects.ts'
import type { SessionStore } from '../session/store.ts'

export interface PortalDeps {
  readonly options: {
    readonly proxy_prefix: string
    readonly skip_provider_button: boolean
  }
  /** Reads a browser's own request: scheme, host and client as far as its peer is trusted. */
  readonly browserFront: Front
  readonly trust: ProxyTrust
  readonly check: Check
  readonly clientLimits: ClientLimits
  readonly login: Login
  readonly signOut: SignOut
  readonly sessions: SessionStore
  readonly redirects: Redirects
  readonly pages: Pages
  readonly record: Recorder
}

/** What a portal handler works with. */
export interface Visit {
  readonly raw: RawRequest
  readonly request: AuthRequest
  readonly portal: PortalRequest
  /** Form fields before query parameters, as oauth2-proxy reads them. */
  readonly params: URLSearchParams
}

export interface Portal {
  /** The answer in its place when the request cannot be read. */
  visit(raw: RawRequest, form?: URLSearchParams): Visit | HttpAnswer
  /** Starts a sign-in that comes back to `redirect`. */
  start(visit: Visit, redirect: string): Promise<HttpAnswer>
  /** The sign-in page (or the provider itself with `skip_provider_button`). */
  signIn(visit: Visit, redirect: string, status: number): Promise<HttpAnswer>
}

type PortalRoute = 'sign_in' | 'start' | 'callback' | 'sign_out' | 'signed_out' | 'userinfo'

/** Characters: enough to tell browsers apart. */
const maxUserAgent = 200

const methods = ['GET', 'HEAD', 'POST']

export function createPortal(deps: PortalDeps): Portal {
  const { options, browserFront, clientLimits, login, sessions, pages, record } = deps

  async function start(visit: Visit, redirect: string): Promise<HttpAnswer> {
    const refused = clientLimits.start.refuse(visit.request)
    if (refused) return refused
    clientLimits.start.count(visit.request)
    return loginAnswer(visit, await login.start(visit.portal, redirect), deps)
  }

  return {
    start,
    visit(raw, form = new URLSearchParams()) {
      const read = browserFront.read(raw)
      if (!read.ok) {
        record.refused(browserFront.name, raw, read.message)
        return pageAnswer(
          400,
          pages.badRequest({ message: read.message, requestId: raw.requestId }),
        )
      }
      const { scheme, host, cookieHeader, clientIp: address } = read.request
      const params = new URLSearchParams([...form, ...queryOf(raw.url)])
      const userAgent = (header(raw.headers, 'user-agent') ?? '').slice(0, maxUserAgent)
      const browser = { address, userAgent }
      const portal = { scheme, host, cookies: parseCookies(cookieHeader), browser }
      return { raw, request: read.request, portal, params }
    },
    async signIn(visit, redirect, status) {
      if (options.skip_provider_button) return start(visit, redirect)
      // SEC-8: whoever sees the sign-in page has no session any more, planted ones included.
      const cookies = await sessions.remove(visit.portal)
      return pageAnswer(status, pages.signIn({ redirect }), cookies)
    },
  }
}

export function registerPortal(app: FastifyInstance, deps: PortalDeps, portal: Portal): void {
  const { options, clientLimits, pages, login, signOut, record, check } = deps
  const prefix = options.proxy_prefix

  function route(
    name: PortalRoute,
    handle: (visit: Visit) => HttpAnswer | Promise<HttpAnswer>,
  ): void {
    app.route({
      method: methods,
      url: `${prefix}/${name}`,
      config: { route: name },
      handler: async ({ raw, id }, reply) => {
        const visit = portal.visit(toRawRequest(raw, id), await readForm(raw))
        return sendAnswer(reply, 'status' in visit ? visit : await handle(visit))
      },
    })
  }

  route('sign_in', (visit) => portal.signIn(visit, chooseRedirect(visit, deps), 200))
  route('start', (visit) => portal.start(visit, chooseRedirect(visit, deps)))
  route('callback', async (visit) => {
    const refused = clientLimits.callback.refuse(visit.request)
    if (refused) return refused
    const result = await login.callback(visit.portal, visit.params)
    if (cameToNothing(result)) clientLimits.callback.count(visit.request)
    return loginAnswer(visit, result, deps)
  })

  route('sign_out', async (visit) => {
    // SEC-25: another site may link here, but only the person ends the session.
    if (header(visit.raw.headers, 'sec-fetch-site') === 'cross-site') {
      const redirect = namedRedirect(visit, deps) ?? ''
      return pageAnswer(200, pages.confirmSignOut({ action: `${prefix}/sign_out`, redirect }))
    }
    const result = await signOut(visit.portal, namedRedirect(visit, deps))
    record.signOut(visit.request, result.session)
    return redirectAnswer(result.location, result.cookies)
  })

  route('signed_out', () =>
    pageAnswer(200, pages.signedOut({ signInUrl: `${prefix}/sign_in?rd=%2F` })),
  )

  route('userinfo', async ({ request }) => {
    const decision = await check(request)
    record.check(request, decision)
    switch (decision.outcome) {
      case 'allow':
        return jsonAnswer(decision.session ? userInfo(decision.session.identity) : {})
      case 'login':
      case 'deny':
        return textAnswer(401, 'Unauthorized', decision.cookies)
      case 'unavailable':
        return textAnswer(503, 'Service Unavailable')
    }
  })

  app.get('/robots.txt', (_request, reply) =>
    sendAnswer(reply, textAnswer(200, 'User-agent: *\nDisallow: /')),
  )
}

/** The first allowed target in oauth2-proxy's order. */
export function chooseRedirect(visit: Visit, { redirects, trust }: PortalDeps): string {
  const { raw, request, params } = visit
  const isForwarded = trust.isForwarded(raw.peer)
  // Without a scheme only the path is known: a guess could lead from https to http.
  const isWhole = isForwarded && header(raw.headers, 'x-forwarded-proto') !== undefined
  const uri = (isForwarded ? header(raw.headers, 'x-forwarded-uri') : undefined) ?? raw.url
  const isOtherHost = request.host !== header(raw.headers, 'host')
  return redirects.choose({
    rd: params.get('rd') ?? undefined,
    authRequestRedirect: header(raw.headers, 'x-auth-request-redirect'),
    forwarded:
      isWhole && isOtherHost ? { scheme: request.scheme, host: request.host, uri } : undefined,
    uri,
  })
}

/** The allowed target that the request names itself; undefined when it names none. */
function namedRedirect({ raw, params }: Visit, { redirects }: PortalDeps): string | undefined {
  return redirects.named({
    rd: params.get('rd') ?? undefined,
    authRequestRedirect: header(raw.headers, 'x-auth-request-redirect'),
  })
}

function loginAnswer(visit: Visit, result: LoginResult, deps: PortalDeps): HttpAnswer {
  const { pages, options, record } = deps
  const { requestId } = visit.raw
  record.signIn(visit.request, result)
  switch (result.kind) {
    case 'redirect':
      return redirectAnswer(result.location, result.cookies)
    case 'failed': {
      const { failure, detail, cookies, identity } = result
      const { retryUrl, signOutUrl } = wayOut(options.proxy_prefix, result.redirect)
      const page = pages.failure({
        failure,
        detail,
        requestId,
        retryUrl,
        signOutUrl,
        ...(identity && { user: identity.email }),
      })
      return pageAnswer(failureStatus(failure), page, cookies)
    }
    case 'unavailable': {
      const { reason } = result
      const { retryUrl } = wayOut(options.proxy_prefix, result.redirect)
      const answer = pageAnswer(503, pages.unavailable({ reason, requestId, retryUrl }))
      return { ...answer, headers: { ...answer.headers, 'retry-after': '5' } }
    }
  }
}

/** By the client's own doing: no session, and neither set-up nor outage is to blame. */
function cameToNothing(result: LoginResult): boolean {
  if (result.kind === 'redirect') return result.session === undefined
  return result.kind === 'failed' && failureStatus(result.failure) === 403
}

/** As oauth2-proxy: 403 where the person was refused, 500 where the set-up is at fault. */
function failureStatus(failure: SignInFailure): number {
  switch (failure) {
    case 'access-denied':
    case 'provider-error':
    case 'code-rejected':
    case 'cookie-lost':
    case 'email-not-allowed':
    case 'email-unverified':
    case 'group-missing':
      return 403
    case 'client-rejected':
    case 'issuer-mismatch':
    case 'audience-mismatch':
    case 'clock-skew':
    case 'token-invalid':
    case 'email-missing':
    case 'claims-invalid':
      return 500
  }
}

function userInfo(identity: {
  readonly user: string
  readonly email: string
  readonly groups: readonly string[]
  readonly preferredUsername: string
}): object {
  const { user, email, groups, preferredUsername } = identity
  return {
    user,
    email,
    ...(groups.length > 0 && { groups }),
    ...(preferredUsername !== '' && { preferredUsername }),
  }
}

function jsonAnswer(body: object): HttpAnswer {
  return {
    status: 200,
    headers: { ...noCache, 'content-type': 'application/json' },
    cookies: [],
    body: `${JSON.stringify(body)}\n`,
  }
}

function textAnswer(status: number, text: string, cookies: HttpAnswer['cookies'] = []): HttpAnswer {
  const headers = { ...noCache, 'content-type': 'text/plain; charset=utf-8' }
  return { status, headers, cookies, body: `${text}\n` }
}
