// Sign-out: our session first, then the provider's (OpenID Connect RP-Initiated Logout 1.0).
import type { PortalRequest } from './login.ts'
import type { PortalUrls } from './portal-urls.ts'
import type { SetCookie } from '../core/cookie.ts'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { SessionStore } from '../session/store.ts'

export interface SignOutResult {
  readonly location: string
  readonly cookies: readonly SetCookie[]
  /** Who was signed in. */
  readonly session: Session | undefined
}

/**
 * `redirect` is the allowed target that the request asked for, if any; `{id_token}` in it is
 * replaced. Throws `Unavailable` when the store cannot end the session.
 */
export type SignOut = (
  request: PortalRequest,
  redirect: string | undefined,
) => Promise<SignOutResult>

export interface SignOutDeps {
  readonly options: {
    readonly backend_logout_url: string
    readonly provider_logout: boolean
    readonly post_logout_redirect_url: string
    readonly provider_timeout: number
  }
  readonly urls: PortalUrls
  readonly oidc: Pick<OidcClient, 'endSessionUrl'>
  readonly sessions: SessionStore
  readonly log: Log
}

const idTokenPlaceholder = /\{id_token\}/g

export function createSignOut({ options, urls, oidc, sessions, log }: SignOutDeps): SignOut {
  async function callBackendLogout(idToken: string): Promise<void> {
    const url = options.backend_logout_url.replace(idTokenPlaceholder, encodeURIComponent(idToken))
    try {
      const signal = AbortSignal.timeout(options.provider_timeout)
      const answer = await fetch(url, { signal, redirect: 'manual' })
      await answer.body?.cancel()
      if (!answer.ok) log.warn('backend logout refused', { status: answer.status })
    } catch (error) {
      log.warn('backend logout failed', { cause: describeError(error) })
    }
  }

  async function locationAfter(
    session: Session | undefined,
    request: PortalRequest,
    redirect: string | undefined,
  ): Promise<string> {
    const idToken = session?.tokens.idToken ?? ''
    const target = redirect?.replace(idTokenPlaceholder, encodeURIComponent(idToken))
    // A target with the placeholder is the provider's logout, wired by hand.
    const isHandmade = target !== redirect
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
