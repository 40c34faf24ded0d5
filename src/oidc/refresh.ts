import { refreshTokenGrant, type Configuration } from 'openid-client'
import { refreshRejection } from './errors.ts'
import type { Grants } from './grants.ts'
import { idTokenFault, refreshedTokenProblem } from './id-token.ts'
import type { Claims } from './claim-values.ts'
import type { Identified, Identify } from './identify.ts'
import type { DiscoverProvider, ProviderMetadata } from './provider.ts'
import { idTokenExpiry, readTokens, tokenExpiry } from './token-answer.ts'
import type { TokenAnswer } from './token-answer.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Identity } from '../core/identity.ts'
import type { Session, Tokens } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'

export type RefreshResult =
  | {
      readonly ok: true
      /** Absent when the provider said nothing new of the person: the old one stays. */
      readonly identity?: Identity
      readonly tokens: Tokens
      /** As in `Session`. */
      readonly tokenExpiresAt: number
      readonly idTokenExpiresAt: number
    }
  /** The session is over; `detail` is for the log. */
  | { readonly ok: false; readonly reason: 'rejected'; readonly detail: string }

/**
 * For a session with a refresh token (RFC 6749 6). Throws `Unavailable` unless the provider clearly
 * ended the session: a wrong client secret or an outage signs nobody out (SEC-14).
 */
export type Refresh = (session: Session) => Promise<RefreshResult>

export function createRefresh(deps: {
  readonly discover: DiscoverProvider
  readonly grants: Grants
  readonly identify: Identify
  readonly clock: Clock
  readonly log: Log
}): Refresh {
  const { discover, grants, identify, clock, log } = deps

  return async (session) => {
    const provider = await discover()
    if (!provider.ok) throw new Unavailable('provider', provider.detail)
    const { metadata } = provider
    let answer: TokenAnswer
    try {
      const request = (configuration: Configuration) =>
        refreshTokenGrant(configuration, session.tokens.refreshToken)
      answer = await grants.run(metadata, 'token', request, 'newestAfter')
    } catch (error) {
      return rejected(refreshRejection(error))
    }
    const tokens = readTokens(answer, session.tokens)
    const refreshed = {
      ok: true,
      tokens,
      tokenExpiresAt: tokenExpiry(answer, clock.now()),
      idTokenExpiresAt: idTokenExpiry(answer),
    } as const
    const claims = answer.claims()
    if (claims === undefined) return refreshed
    const problem = refreshedTokenProblem(claims, session)
    if (problem !== undefined) return rejected(problem)
    const fault = idTokenFault(tokens, claims, clock.now())
    if (fault) throw new Unavailable('provider', `refresh: ${fault.detail}`)

    const identified = await reidentify(metadata, claims, tokens.accessToken)
    if (identified === undefined) return refreshed
    if (!identified.ok) return rejected(identified.detail)
    return { ...refreshed, identity: identified.identity }
  }

  /** Undefined: keep what is known. The new tokens are there and must not be lost over this. */
  async function reidentify(
    metadata: ProviderMetadata,
    claims: Claims,
    accessToken: string,
  ): Promise<Identified | undefined> {
    try {
      const identified = await identify(metadata, claims, accessToken)
      // Refreshed ID tokens may be thin (Core 12.2): without an email they do not speak of groups.
      const isThin = !identified.ok && identified.failure === 'email-missing'
      return isThin ? undefined : identified
    } catch (error) {
      if (!(error instanceof Unavailable)) throw error
      log.warn('identity not refreshed', { cause: error.message })
      return undefined
    }
  }
}

function rejected(detail: string): RefreshResult {
  return { ok: false, reason: 'rejected', detail }
}
