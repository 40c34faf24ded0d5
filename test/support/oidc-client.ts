import { createOidcClient } from '../../src/oidc/client.ts'
import type { ExchangeResult, OidcClient, OidcOptions } from '../../src/oidc/client.ts'
import type { Log, LogFields, ObserveCall } from '../../src/core/events.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import type { Answer, HostileProvider } from './hostile-provider.ts'

export interface LogEntry {
  readonly level: keyof Log
  readonly event: string
  readonly fields: LogFields
}

export interface ClientUnderTest {
  readonly client: OidcClient
  readonly log: readonly LogEntry[]
  /** `token ok`, `userinfo error`, in the order they ended. */
  readonly calls: readonly string[]
}

export const defaultOptions: OidcOptions = {
  oidc_issuer_url: '',
  client_id: 'sallyport',
  skip_oidc_discovery: false,
  login_url: '',
  redeem_url: '',
  oidc_jwks_url: '',
  profile_url: '',
  oidc_enabled_signing_algs: [],
  provider_timeout: 5000,
  scope: '',
  allowed_groups: [],
  prompt: '',
  approval_prompt: 'force',
  acr_values: '',
  code_challenge_method: '',
  force_code_challenge_method: '',
  oidc_email_claim: 'email',
  user_id_claim: 'email',
  oidc_groups_claim: 'groups',
  oidc_audience_claims: ['aud'],
  oidc_extra_audiences: [],
  insecure_oidc_allow_unverified_email: false,
  skip_claims_from_profile_url: false,
  extra_jwt_issuers: [],
}

/** An OIDC client with oauth2-proxy's defaults, and what it logged and measured. */
export function oidcClient(
  options: Partial<OidcOptions> & Pick<OidcOptions, 'oidc_issuer_url'>,
  { clientSecret = () => 'secret', clock = systemClock }: Overrides = {},
): ClientUnderTest {
  const log: LogEntry[] = []
  const calls: string[] = []
  const write =
    (level: keyof Log) =>
    (event: string, fields: LogFields = {}) =>
      void log.push({ level, event, fields })
  const observe: ObserveCall = (operation, result) => void calls.push(`${operation} ${result}`)
  const client = createOidcClient({
    options: { ...defaultOptions, ...options },
    clientSecret,
    clock,
    log: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    observe,
  })
  return { client, log, calls }
}

interface Overrides {
  readonly clientSecret?: () => string
  readonly clock?: Clock
}

/**
 * A `provider_timeout` for one answer. A busy machine may take long over it: only those that never
 * come are cut off early.
 */
export function patienceFor(answer: Answer): number {
  return typeof answer === 'string' ? 1_000 : 20_000
}

/** The callback of a sign-in at the hostile provider, redeemed. */
export async function redeem(
  client: OidcClient,
  provider: HostileProvider,
  params: Readonly<Record<string, string>> = { code: 'any' },
): Promise<ExchangeResult> {
  return client.exchange({
    params: new URLSearchParams({ state: 'the-state', ...params }),
    redirectUri: 'https://app.example.com/oauth2/callback',
    state: 'the-state',
    nonce: provider.nonce,
    codeVerifier: 'v'.repeat(43),
  })
}
