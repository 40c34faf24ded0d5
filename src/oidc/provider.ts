// Who the provider is: discovered on first use (OpenID Connect Discovery 1.0), kept, and looked up
// again now and then. Nothing happens at start, so that we run while the provider does not.
import { None, allowInsecureRequests, customFetch, discovery } from 'openid-client'
import type { ServerMetadata } from 'openid-client'
import { discoveryOutage, oneLine } from './errors.ts'
import type { ProviderFetch } from './provider-fetch.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Clock } from '../lib/clock.ts'

export interface ProviderOptions {
  readonly oidc_issuer_url: string
  readonly client_id: string
  readonly skip_oidc_discovery: boolean
  readonly login_url: string
  readonly redeem_url: string
  readonly oidc_jwks_url: string
  readonly profile_url: string
  /** Signature algorithms of ID tokens; empty = what the provider announces. */
  readonly oidc_enabled_signing_algs: readonly string[]
}

/** With the endpoints that no sign-in can do without; their URLs are normalised. */
export type ProviderMetadata = ServerMetadata &
  Required<Pick<ServerMetadata, 'authorization_endpoint' | 'token_endpoint' | 'jwks_uri'>>

type Discovered =
  | { readonly ok: true; readonly metadata: ProviderMetadata }
  /** A mistake in the configuration: waiting does not mend it. */
  | { readonly ok: false; readonly failure: 'issuer-mismatch'; readonly detail: string }

/** Throws `Unavailable` while the provider is unknown and does not answer. */
export type DiscoverProvider = () => Promise<Discovered>

const refreshAfterMs = 60 * 60 * 1000
const retryAfterMs = 1000

export function createDiscovery(deps: {
  readonly options: ProviderOptions
  readonly fetch: ProviderFetch
  readonly clock: Clock
  readonly log: Log
}): DiscoverProvider {
  const { options, clock, log } = deps
  const discover = options.skip_oidc_discovery
    ? () => Promise.resolve(configuredProvider(options))
    : () => askProvider(options, deps.fetch)

  let result: Discovered | Unavailable = new Unavailable('provider', 'not asked yet')
  let nextAttemptAt = 0
  let attempt: Promise<void> | undefined
  let loggedCause: string | undefined

  async function look(): Promise<void> {
    const found = await discover()
    // What was known stays good while the provider is down or says something odd.
    if (isKnown(found) || !isKnown(result)) result = found
    nextAttemptAt = clock.now() + (isKnown(result) ? refreshAfterMs : retryAfterMs)
    attempt = undefined
    report(found)
  }

  /** Once per change, not per request. */
  function report(found: Discovered | Unavailable): void {
    const cause = causeOf(found)
    if (cause === loggedCause) return
    loggedCause = cause
    const issuer = options.oidc_issuer_url
    if (cause === '') log.info('provider discovered', { issuer })
    else log.error('provider discovery failed', { issuer, cause })
  }

  return async () => {
    if (clock.now() >= nextAttemptAt) attempt ??= look()
    if (!isKnown(result)) await attempt
    if (result instanceof Unavailable) throw result
    return result
  }
}

function isKnown(result: Discovered | Unavailable): boolean {
  return !(result instanceof Unavailable) && result.ok
}

function causeOf(result: Discovered | Unavailable): string {
  if (result instanceof Unavailable) return result.message
  return result.ok ? '' : result.detail
}

async function askProvider(
  options: ProviderOptions,
  fetch: ProviderFetch,
): Promise<Discovered | Unavailable> {
  const issuer = options.oidc_issuer_url
  try {
    const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
    const config = await discovery(url, options.client_id, undefined, None(), {
      [customFetch]: (target, init) => fetch('discovery', target, init),
      execute: mayUsePlainHttp(issuer) ? [allowInsecureRequests] : [],
    })
    const metadata = config.serverMetadata()
    // Exactly, trailing slash included (Discovery 4.3): tokens are compared with this text.
    if (metadata.issuer !== issuer) {
      const detail = `oidc_issuer_url is ${issuer}, the provider says ${oneLine(metadata.issuer)}`
      return { ok: false, failure: 'issuer-mismatch', detail }
    }
    return { ok: true, metadata: usable(metadata, options) }
  } catch (error) {
    return discoveryOutage(error)
  }
}

function configuredProvider(options: ProviderOptions): Discovered | Unavailable {
  try {
    const metadata = {
      issuer: options.oidc_issuer_url,
      authorization_endpoint: options.login_url,
      token_endpoint: options.redeem_url,
      jwks_uri: options.oidc_jwks_url,
      ...(options.profile_url !== '' && { userinfo_endpoint: options.profile_url }),
    }
    return { ok: true, metadata: usable(metadata, options) }
  } catch (error) {
    return discoveryOutage(error)
  }
}

/** Plain http for every endpoint, and only when the issuer itself was configured so. */
export function mayUsePlainHttp(issuer: string): boolean {
  return new URL(issuer).protocol === 'http:'
}

/** Endpoints that are no URL, or not as secure as the issuer, count as missing. */
function usable(metadata: ServerMetadata, options: ProviderOptions): ProviderMetadata {
  const { userinfo_endpoint, end_session_endpoint, ...rest } = metadata
  const isHttpsNeeded = !mayUsePlainHttp(metadata.issuer)
  const endpoint = (value: unknown): string | undefined => {
    const url = typeof value === 'string' ? URL.parse(value) : null
    const isSecure = url?.protocol === 'https:' || (!isHttpsNeeded && url?.protocol === 'http:')
    return isSecure ? url?.href : undefined
  }
  const needed = (name: 'authorization_endpoint' | 'token_endpoint' | 'jwks_uri'): string => {
    const url = endpoint(rest[name])
    if (url !== undefined) return url
    throw new Unavailable('provider', `discovery: ${name} is missing or not https`)
  }
  const userinfo = endpoint(userinfo_endpoint)
  const endSession = endpoint(end_session_endpoint)
  return {
    ...rest,
    ...signingAlgorithms(metadata, options.oidc_enabled_signing_algs),
    authorization_endpoint: needed('authorization_endpoint'),
    token_endpoint: needed('token_endpoint'),
    jwks_uri: needed('jwks_uri'),
    ...(userinfo !== undefined && { userinfo_endpoint: userinfo }),
    ...(endSession !== undefined && { end_session_endpoint: endSession }),
  }
}

function signingAlgorithms(
  { id_token_signing_alg_values_supported: announced }: ServerMetadata,
  enabled: readonly string[],
): Pick<ServerMetadata, 'id_token_signing_alg_values_supported'> {
  if (enabled.length === 0) return {}
  const isAnnounced = (name: string): boolean => announced?.includes(name) ?? true
  return { id_token_signing_alg_values_supported: enabled.filter(isAnnounced) }
}
