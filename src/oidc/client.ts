// Signing in, staying signed in and signing out at the provider: what the rest of the service sees.
import { buildAuthorizationUrl, buildEndSessionUrl } from 'openid-client'
import { createAuthorization } from './authorization.ts'
import type { AuthorizationAttempt, AuthorizationOptions } from './authorization.ts'
import { createBearer } from './bearer.ts'
import type { BearerOptions, VerifyBearer } from './bearer.ts'
import type { Fault } from './errors.ts'
import { createExchange } from './exchange.ts'
import type { Exchange } from './exchange.ts'
import { createGrants } from './grants.ts'
import { createIdentify } from './identify.ts'
import type { IdentifyOptions } from './identify.ts'
import { createKeySet } from './key-set.ts'
import { createDiscovery } from './provider.ts'
import type { ProviderOptions } from './provider.ts'
import { createProviderFetch } from './provider-fetch.ts'
import type { ProviderFetchOptions } from './provider-fetch.ts'
import { createLogoutTokenCheck } from './logout-token.ts'
import type { CheckLogoutToken } from './logout-token.ts'
import { createRefresh } from './refresh.ts'
import type { Fetch } from './provider-trust.ts'
import type { Refresh } from './refresh.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log, ObserveCall } from '../core/events.ts'
import type { Clock } from '../lib/clock.ts'

export type { ExchangeResult } from './exchange.ts'
export type { RefreshResult } from './refresh.ts'

export interface OidcOptions
  extends
    ProviderOptions,
    ProviderFetchOptions,
    AuthorizationOptions,
    IdentifyOptions,
    BearerOptions {}

type AuthorizationUrlResult =
  { readonly ok: true; readonly url: string } | ({ readonly ok: false } & Fault)

interface EndSessionParams {
  /** Empty when there is none: the provider will ask the person. */
  readonly idToken: string
  readonly postLogoutRedirectUri?: string
}

/** Every method throws `Unavailable('provider')` when the provider does not answer as it should. */
export interface OidcClient {
  authorizationUrl(attempt: AuthorizationAttempt): Promise<AuthorizationUrlResult>
  readonly exchange: Exchange
  readonly refresh: Refresh
  readonly checkLogoutToken: CheckLogoutToken
  readonly verifyBearer: VerifyBearer
  /** Undefined: the provider has no such endpoint, or is out of reach. This one does not throw. */
  endSessionUrl(params: EndSessionParams): Promise<string | undefined>
}

export function createOidcClient(deps: {
  readonly options: OidcOptions
  /** Read at each use, so that a file may rotate. Empty = a public client with PKCE. */
  readonly clientSecret: () => string
  /** A JWT in place of the secret; empty or absent = none. */
  readonly clientAssertion?: () => string
  readonly clock: Clock
  readonly log: Log
  readonly observe: ObserveCall
  /** Absent = the global one. */
  readonly fetch?: Fetch
}): OidcClient {
  const { options, clientSecret, clientAssertion, clock, log } = deps
  const fetch = createProviderFetch(deps)
  const discover = createDiscovery({ options, fetch, clock, log })
  const keys = createKeySet({ download: downloadKeys, clock, log })
  const grants = createGrants({
    clientId: options.client_id,
    clientSecret,
    clientAssertion,
    fetch,
    keys,
  })
  const identify = createIdentify({ options, grants })
  const authorization = createAuthorization({ options, clientSecret })
  const shared = { discover, grants, identify, clock, log }

  async function downloadKeys(): Promise<Response> {
    const provider = await discover()
    if (!provider.ok) throw new Unavailable('provider', provider.detail)
    const url = provider.metadata.jwks_uri
    return fetch('keys', url, { method: 'GET', headers: {}, body: undefined })
  }

  return {
    async authorizationUrl(attempt) {
      const provider = await discover()
      if (!provider.ok) return provider
      const { metadata } = provider
      const parameters = await authorization.parameters(attempt, metadata)
      const url = buildAuthorizationUrl(grants.configuration(metadata), parameters)
      return { ok: true, url: url.href }
    },

    exchange: createExchange({ ...shared, authorization }),
    refresh: createRefresh(shared),
    checkLogoutToken: createLogoutTokenCheck({
      discover,
      keys,
      clientId: options.client_id,
      clock,
    }),
    verifyBearer: createBearer({ options, discover, keys, fetch, clock, log }),

    async endSessionUrl({ idToken, postLogoutRedirectUri }) {
      const metadata = await discover().then(
        (provider) => (provider.ok ? provider.metadata : undefined),
        () => undefined,
      )
      if (metadata?.end_session_endpoint === undefined) return undefined
      const parameters = new URLSearchParams()
      if (idToken !== '') parameters.set('id_token_hint', idToken)
      if (postLogoutRedirectUri !== undefined) {
        parameters.set('post_logout_redirect_uri', postLogoutRedirectUri)
      }
      return buildEndSessionUrl(grants.configuration(metadata), parameters).href
    },
  }
}
