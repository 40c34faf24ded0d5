// Sign-outs that the provider tells of: OpenID Connect Back-Channel and Front-Channel Logout 1.0.
import type { PortalRequest } from './login.ts'
import type { SetCookie } from '../core/cookie.ts'
import type { Log } from '../core/events.ts'
import type { OidcClient } from '../oidc/client.ts'
import type { SessionCard, SessionDirectory } from '../session/directory.ts'
import type { SessionStore } from '../session/store.ts'

export type BackChannelResult =
  | { readonly kind: 'ended'; readonly sessions: readonly SessionCard[] }
  | { readonly kind: 'refused' }
  /** The store has no way to end a session from outside its browser. */
  | { readonly kind: 'unsupported' }

export interface FrontChannelResult {
  readonly sessions: readonly SessionCard[]
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
  const { directory } = sessions

  function refuse(detail: string): BackChannelResult {
    log.warn('logout token refused', { detail })
    return { kind: 'refused' }
  }

  return {
    async backChannel(logoutToken) {
      if (!directory) return { kind: 'unsupported' }
      const checked = await oidc.checkLogoutToken(logoutToken)
      if (!checked.ok) return refuse(checked.detail)
      const { name, repeatableMs, sub, sid } = checked
      const ended = await directory.once(name, repeatableMs, () => end(directory, sub, sid))
      return ended ? { kind: 'ended', sessions: ended } : refuse('the token was used before')
    },

    async frontChannel(request, iss, sid) {
      if (iss !== options.oidc_issuer_url || sid === '') return { sessions: [], cookies: [] }
      const loaded = await sessions.load(request)
      const isShown = loaded.state === 'found' && loaded.session.providerSid === sid
      const ended = (await directory?.revoke({ by: 'sid', sid })) ?? []
      return { sessions: ended, cookies: isShown ? await sessions.remove(request) : [] }
    },
  }
}

/** Of a person's sessions, those that never learned their `sid` cannot be told from the one meant. */
async function end(
  directory: SessionDirectory,
  sub: string,
  sid: string,
): Promise<readonly SessionCard[]> {
  if (sid === '') return directory.revoke({ by: 'sub', sub })
  const ended = await directory.revoke({ by: 'sid', sid })
  const others = sub === '' ? [] : await directory.list({ by: 'sub', sub })
  const nameless = others.filter(({ providerSid }) => providerSid === '')
  const alsoEnded = await Promise.all(nameless.map(({ id }) => directory.revoke({ by: 'id', id })))
  return [...ended, ...alsoEnded.flat()]
}
