// Sign-out: our session first, then the provider's (OpenID Connect RP-Initiated Logout 1.0).
import type { PortalRequest } from './login.ts'
import type { PortalUrls } from './portal-urls.ts'
import type { SetCookie } from '../core/cookie.ts'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { Fetch } from '../oidc/provider-trust.ts'
import type { SessionStore } from '../session/store.ts'

export interface SignOutResult {
  readonly location: string
  readonly cookies: readonly SetCookie[]
  /** Who was signed in. */
  readonly session: Session | undefined
}

/**
 * `redirect` is the allowed target that the request asked for, if any; `{id_token}` in it is
 * replaced when it leads to the provider. Throws `Unavailable` when the store cannot end the
 * session.
 */
export type SignOut = (
  request: PortalRequest,
  redirect: string | undefined,
) => Promise<SignOutResult>

export interface SignOutDeps {
  readonly options: {
    readonly oidc_issuer_url: string
    readonly backend_logout_url: string
    readonly provider_logout: boolean
    readonly post_logout_redirect_url: string
    readonly provider_timeout: number
  }
  readonly urls: PortalUrls
  readonly oidc: Pick<OidcClient, 'endSessionUrl'>
  readonly sessions: SessionStore
  readonly log: Log
  /** For `backend_logout_url`. Absent = the global one. */
  readonly fetch?: Fetch
}

const idTokenPlaceholder = /\{id_token\}/g

export function createSignOut(deps: SignOutDeps): SignOut {
  const { options, urls, oidc, sessions, log } = deps
  const ask: Fetch = deps.fetch ?? ((url, init) => fetch(url, init))

  async function callBackendLogout(idToken: string): Promise<void> {
    const url = options.backend_logout_url.replace(idTokenPlaceholder, encodeURIComponent(idToken))
    try {
      const signal = AbortSignal.timeout(options.provider_timeout)
      const answer = await ask(url, { signal, redirect: 'manual' })
      await answer.body?.cancel()
      if (!answer.ok) log.warn('backend logout refused', { status: answer.status })
    } catch (error) {
      log.warn('backend logout failed', { cause: describeError(error) })
    }
  }

  /** SEC-33: nobody else gets the ID token. Any page of the site may link to a sign-out. */
  async function isAtProvider(target: string): Promise<boolean> {
    const endpoints = [options.oidc_issuer_url, await oidc.endSessionUrl({ idToken: '' })]
    const { host } = URL.parse(target) ?? {}
    return endpoints.some((url) => url !== undefined && URL.parse(url)?.host === host)
  }

  async function locationAfter(
    session: Session | undefined,
    request: PortalRequest,
    redirect: string | undefined,
  ): Promise<string> {
    const idToken = session?.tokens.idToken ?? ''
    // A target at the provider with the placeholder is its logout, wired by hand. Any other stays
    // as it was checked: without the placeholder `/{id_token}/host` would be another host.
    const isHandmade = redirect?.includes('{id_token}') === true && (await isAtProvider(redirect))
    const target = isHandmade
      ? redirect.replace(idTokenPlaceholder, encodeURIComponent(idToken))
      : redirect
    if (options.provider_logout && !isHandmade) {
      const postLogoutRedirectUri =
        options.post_logout_redirect_url ||
        (target === undefined ? '' : new URL(target, urls.endpoint('', request)).href)
      const endSession = await oidc.endSessionUrl({
        idToken,
        ...(postLogoutRedirectUri !== '' && { postLogoutRedirectUri }),
      })
      if (endSession !== undefined) return endSession
    }
    return target ?? urls.endpoint('signed_out', request)
  }

  return async (request, redirect) => {
    const loaded = await sessions.load(request)
    const session = loaded.state === 'found' ? loaded.session : undefined
    if (session && options.backend_logout_url !== '') {
      await callBackendLogout(session.tokens.idToken)
    }
    const cookies = await sessions.remove(request)
    return { location: await locationAfter(session, request, redirect), cookies, session }
  }
}
