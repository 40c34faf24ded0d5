import { authorizationCodeGrant } from 'openid-client'
import type { Authorization, AuthorizationAttempt } from './authorization.ts'
import { exchangeFault } from './errors.ts'
import type { Fault } from './errors.ts'
import type { Grants } from './grants.ts'
import { idTokenFault, providerSidOf } from './id-token.ts'
import type { Identify } from './identify.ts'
import type { DiscoverProvider } from './provider.ts'
import { idTokenExpiry, readTokens, tokenExpiry } from './token-answer.ts'
import type { TokenAnswer } from './token-answer.ts'
import type { Log } from '../core/events.ts'
import type { Identity } from '../core/identity.ts'
import type { Tokens } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'

/** A sign-in that came back. `params`: the query of the callback request (RFC 6749 4.1.2). */
interface Callback extends AuthorizationAttempt {
  readonly params: URLSearchParams
}

export type ExchangeResult =
  | {
      readonly ok: true
      readonly identity: Identity
      readonly tokens: Tokens
      /** As in `Session`. */
      readonly providerSid: string
      /** As in `Session`. */
      readonly tokenExpiresAt: number
      readonly idTokenExpiresAt: number
    }
  | ({ readonly ok: false } & Fault)

/** Redeems the code: once, whatever comes of it. */
export type Exchange = (callback: Callback) => Promise<ExchangeResult>

/** From here on the log says so: sign-ins still work, but sessions may end early. */
const noticeableSkewSeconds = 60

export function createExchange(deps: {
  readonly discover: DiscoverProvider
  readonly authorization: Authorization
  readonly grants: Grants
  readonly identify: Identify
  readonly clock: Clock
  readonly log: Log
}): Exchange {
  const { discover, authorization, grants, identify, clock, log } = deps

  function noticeSkew(issuedAt: number): void {
    const aheadSeconds = Math.round(issuedAt - clock.now() / 1000)
    if (Math.abs(aheadSeconds) < noticeableSkewSeconds) return
    log.warn('clock of the provider differs', { aheadSeconds })
  }

  return async ({ params, redirectUri, state, nonce, codeVerifier }) => {
    const provider = await discover()
    if (!provider.ok) return provider
    const { metadata } = provider
    const url = new URL(redirectUri)
    url.search = params.toString()
    const checks = {
      expectedState: state,
      expectedNonce: nonce,
      ...(authorization.usesPkce(metadata) && { pkceCodeVerifier: codeVerifier }),
    }
    let answer: TokenAnswer
    try {
      answer = await grants.run(metadata, 'token', (configuration) =>
        authorizationCodeGrant(configuration, url, checks),
      )
    } catch (error) {
      return { ok: false, ...exchangeFault(error) }
    }
    const tokens = readTokens(answer)
    // Present: a nonce is expected.
    const claims = answer.claims()!
    const fault = idTokenFault(tokens, claims, clock.now())
    if (fault) return { ok: false, ...fault }
    noticeSkew(claims.iat)
    const identified = await identify(metadata, claims, tokens.accessToken)
    if (!identified.ok) return identified
    const { identity } = identified
    const providerSid = providerSidOf(claims)
    const tokenExpiresAt = tokenExpiry(answer, clock.now())
    const ends = { tokenExpiresAt, idTokenExpiresAt: idTokenExpiry(answer) }
    return { ok: true, identity, tokens, providerSid, ...ends }
  }
}
