// The OpenID sign-in as browsers live it: many tabs, stale tabs, bookmarks of the callback and lost
// cookies lead on to the target; a page that explains is the last resort.
import type { BrowserOrigin, PortalUrls } from './portal-urls.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { DenyReason, UnavailableReason } from '../core/decision.ts'
import { Unavailable, describeError } from '../core/errors.ts'
import type { Identity } from '../core/identity.ts'
import type { Browser, Session } from '../core/session.ts'
import type { SignInFailure } from '../core/sign-in-failure.ts'
import { randomToken } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import type { RequestCookies } from '../lib/cookie-header.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { LoginStates } from '../oidc/login-state.ts'
import type { CookieWriter } from '../session/cookies.ts'
import type { SessionStore } from '../session/store.ts'

/** A browser's request to the portal. */
export interface PortalRequest extends BrowserOrigin {
  readonly cookies: RequestCookies
  readonly browser: Browser
}

export type LoginResult =
  | {
      readonly kind: 'redirect'
      readonly location: string
      readonly cookies: readonly SetCookie[]
      /** Present when this answer signs someone in. */
      readonly session?: Session
    }
  | {
      readonly kind: 'failed'
      readonly failure: SignInFailure
      /** For the log: the cause without tokens or secrets. */
      readonly detail: string
      /** Where the person wanted to go. */
      readonly redirect: string
      readonly cookies: readonly SetCookie[]
      readonly identity?: Identity
    }
  | {
      readonly kind: 'unavailable'
      readonly reason: UnavailableReason
      readonly detail: string
      readonly redirect: string
    }

export interface Login {
  /** `redirect` must have passed the redirect rules. */
  start(request: PortalRequest, redirect: string): Promise<LoginResult>
  /** The authorization response (RFC 6749 4.1.2): `params` is the query of the callback. */
  callback(request: PortalRequest, params: URLSearchParams): Promise<LoginResult>
}

export interface LoginDeps {
  readonly options: {
    readonly cookie_expire: number
    readonly cookie_csrf_expire: number
    readonly cookie_csrf_per_request_limit: number
  }
  readonly urls: PortalUrls
  readonly oidc: Pick<OidcClient, 'authorizationUrl' | 'exchange'>
  readonly states: LoginStates
  readonly sessions: SessionStore
  readonly loginCookies: CookieWriter
  readonly isAllowedRedirect: (target: string) => boolean
  readonly authorize: (identity: Identity) => DenyReason | undefined
  readonly clock: Clock
}

/** Silent restarts of a sign-in whose cookie was lost, before the page explains. */
const restarts = 1
const defaultLoginCookieLimit = 10

export function createLogin(deps: LoginDeps): Login {
  const { options, urls, oidc, states, sessions, loginCookies, clock } = deps
  const loginCookieLimit = options.cookie_csrf_per_request_limit || defaultLoginCookieLimit

  async function begin(
    request: PortalRequest,
    redirect: string,
    attempt: number,
  ): Promise<LoginResult> {
    const state = states.begin({ redirect, attempt })
    const location = await oidc.authorizationUrl({
      redirectUri: urls.redirectUri(request),
      state: state.state,
      nonce: state.nonce,
      codeVerifier: state.codeVerifier,
    })
    if (!location.ok) return { kind: 'failed', ...location, redirect, cookies: [] }
    const { host } = request
    const stale = states.prune(request.cookies, loginCookieLimit - 1)
    const cookies = [
      loginCookies.write(state.cookieName, state.cookieValue, {
        host,
        ...(options.cookie_csrf_expire > 0 && {
          maxAgeSeconds: Math.ceil(options.cookie_csrf_expire / 1000),
        }),
      }),
      ...stale.map((name) => loginCookies.erase(name, host)),
    ]
    return { kind: 'redirect', location: location.url, cookies }
  }

  /**
   * A callback that fits no login cookie, or whose code was used before: a stale tab, the Back
   * button, a bookmark. Who is signed in goes on; everyone else starts once more.
   */
  async function recover(
    request: PortalRequest,
    state: string,
    failure: SignInFailure,
    detail: string,
  ): Promise<LoginResult> {
    const known = states.readState(state)
    const redirect = target(known?.redirect)
    const loaded = await sessions.load(request)
    if (loaded.state === 'found') return { kind: 'redirect', location: redirect, cookies: [] }
    const isFresh = known !== undefined && !isOver(known.startedAt)
    const attempts = isFresh ? known.attempt : 0
    if (attempts < restarts) return begin(request, redirect, attempts + 1)
    return { kind: 'failed', failure, detail, redirect, cookies: [] }
  }

  /** Too old to belong to a loop: a person was away, and starts with a clean count. */
  function isOver(startedAt: number): boolean {
    const limit = options.cookie_csrf_expire
    return limit > 0 && clock.now() - startedAt > limit
  }

  /** The state is sealed, but rules may have changed since it was made. */
  function target(redirect: string | undefined): string {
    return redirect !== undefined && deps.isAllowedRedirect(redirect) ? redirect : '/'
  }

  async function finish(request: PortalRequest, params: URLSearchParams): Promise<LoginResult> {
    const state = params.get('state') ?? ''
    const name = states.cookieName(state)
    const attempt = states.match(state, request.cookies.get(name) ?? [])
    if (!attempt) {
      return recover(request, state, 'cookie-lost', 'no login cookie fits the state')
    }
    const exchanged = await oidc.exchange({
      params,
      redirectUri: urls.redirectUri(request),
      state,
      nonce: attempt.nonce,
      codeVerifier: attempt.codeVerifier,
    })
    if (!exchanged.ok && exchanged.failure === 'code-rejected') {
      return recover(request, state, exchanged.failure, exchanged.detail)
    }
    const redirect = target(attempt.redirect)
    const spent = loginCookies.erase(name, request.host)
    if (!exchanged.ok) return { kind: 'failed', ...exchanged, redirect, cookies: [spent] }
    const { identity, tokens, providerSid, tokenExpiresAt, idTokenExpiresAt } = exchanged
    const refused = policyFailure(deps.authorize(identity))
    if (refused) {
      const detail = 'the sign-in succeeded, the policy refused the person'
      return { kind: 'failed', failure: refused, detail, redirect, cookies: [spent], identity }
    }
    const now = clock.now()
    const session: Session = {
      id: randomToken(16),
      identity,
      tokens,
      providerSid,
      browser: request.browser,
      createdAt: now,
      generation: 0,
      refreshedAt: now,
      activeAt: now,
      expiresAt: options.cookie_expire > 0 ? now + options.cookie_expire : 0,
      tokenExpiresAt,
      idTokenExpiresAt,
    }
    const cookies = [...(await sessions.create(session, request)), spent]
    return { kind: 'redirect', location: redirect, cookies, session }
  }

  return {
    start: (request, redirect) => orUnavailable(redirect, () => begin(request, redirect, 0)),
    callback(request, params) {
      const redirect = target(states.readState(params.get('state') ?? '')?.redirect)
      return orUnavailable(redirect, () => finish(request, params))
    },
  }
}

async function orUnavailable(
  redirect: string,
  run: () => Promise<LoginResult>,
): Promise<LoginResult> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    const reason = `${error.dependency}-unavailable` as const
    return { kind: 'unavailable', reason, detail: describeError(error), redirect }
  }
}

function policyFailure(reason: DenyReason | undefined): SignInFailure | undefined {
  if (reason === undefined) return undefined
  return reason === 'group-missing' ? 'group-missing' : 'email-not-allowed'
}
