// Sign-outs that the provider tells of: OpenID Connect Back-Channel and Front-Channel Logout 1.0.
import type { PortalRequest } from './login.ts'
import { unseenRevocation } from './unseen-revocation.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { Log } from '../core/events.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { SessionStore } from '../session/store.ts'
import type { RevokedSession } from '../telemetry/audit.ts'

export type BackChannelResult =
  | { readonly kind: 'ended'; readonly sessions: readonly RevokedSession[] }
  | { readonly kind: 'refused' }
  /** The store has no way to end a session from outside its browser. */
  | { readonly kind: 'unsupported' }

export interface FrontChannelResult {
  readonly sessions: readonly RevokedSession[]
  readonly cookies: readonly SetCookie[]
}

/** Every method throws `Unavailable` when the store or the provider's keys could not be reached. */
export interface ProviderLogout {
  /** `logoutToken` as sent; a wrong one ends nothing. */
  backChannel(logoutToken: string): Promise<BackChannelResult>
  /**
   * `iss` and `sid` as the browser brings them in a frame of the provider's page. Ends that session
   * and no other, because anybody's page may have such a frame (SEC-25).
   */
  frontChannel(request: PortalRequest, iss: string, sid: string): Promise<FrontChannelResult>
}

export interface ProviderLogoutDeps {
  readonly options: { readonly oidc_issuer_url: string }
  readonly oidc: Pick<OidcClient, 'checkLogoutToken'>
  readonly sessions: SessionStore
  readonly log: Log
}

export function createProviderLogout({
  options,
  oidc,
  sessions,
  log,
}: ProviderLogoutDeps): ProviderLogout {
  const { revocations, directory } = sessions

  function refuse(detail: string): BackChannelResult {
    log.warn('logout token refused', { detail })
    return { kind: 'refused' }
  }

  return {
    async backChannel(logoutToken) {
      if (!revocations) return { kind: 'unsupported' }
      const checked = await oidc.checkLogoutToken(logoutToken)
      if (!checked.ok) return refuse(checked.detail)
      const { name, repeatableMs, sub, sid } = checked
      // Of the person's sessions, those that never learned their `sid` cannot be told from the one meant.
      const selector =
        sid === '' ? ({ by: 'sub', sub } as const) : ({ by: 'sid', sid, sub } as const)
      const end = () => revocations.revoke(selector)
      const ended = await revocations.once(name, repeatableMs, end)
      if (!ended) return refuse('the token was used before')
      return { kind: 'ended', sessions: directory ? ended : [unseenRevocation(selector)] }
    },

    async frontChannel(request, iss, sid) {
      if (iss !== options.oidc_issuer_url || sid === '') return { sessions: [], cookies: [] }
      const loaded = await sessions.load(request)
      const isShown = loaded.state === 'found' && loaded.session.providerSid === sid
      // Where nobody knows which sessions there are, a name that somebody made up must leave no mark.
      const ended = directory || isShown ? await revocations?.revoke({ by: 'sid', sid }) : undefined
      const shown = isShown ? [{ id: loaded.session.id, user: loaded.session.identity.user }] : []
      return {
        sessions: directory && ended ? ended : shown,
        cookies: isShown ? await sessions.remove(request) : [],
      }
    },
  }
}
