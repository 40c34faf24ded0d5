// The logout token of OpenID Connect Back-Channel Logout 1.0, checked as its section 2.6 says.
import { createHash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import { isObject } from './claim-values.ts'
import { clockToleranceSeconds } from './id-token.ts'
import { defaultAlgorithms } from './issuer-keys.ts'
import { createJwtVerifier } from './jwt.ts'
import type { KeySet } from './key-set.ts'
import type { DiscoverProvider } from './provider.ts'
import type { Clock } from '../lib/clock.ts'

export interface Logout {
  /** Whose sessions end; empty when the token names a provider session alone. */
  readonly sub: string
  /** Which session at the provider ended; empty when all of the person's did. */
  readonly sid: string
  /** Names this token: the same one comes again with the same name, no other does. */
  readonly name: string
  /** How long it could come again and pass every check but that one. Milliseconds. */
  readonly repeatableMs: number
}

export type LogoutTokenResult =
  | ({ readonly ok: true } & Logout)
  /** `detail` is constant text, for the log. */
  | { readonly ok: false; readonly detail: string }

/** Throws `Unavailable` when the provider's keys could not be had. */
export type CheckLogoutToken = (token: string) => Promise<LogoutTokenResult>

const event = 'http://schemas.openid.net/event/backchannel-logout'
/** A provider sends it at once; one without `exp` counts no longer either. */
const maxAgeSeconds = 600
const repeatableMs = (maxAgeSeconds + 2 * clockToleranceSeconds) * 1000
const acceptedTypes: ReadonlySet<string> = new Set(
  ['logout+jwt', 'jwt'].flatMap((type) => [type, `application/${type}`]),
)

export function createLogoutTokenCheck(deps: {
  readonly discover: DiscoverProvider
  readonly keys: KeySet
  readonly clientId: string
  readonly clock: Clock
}): CheckLogoutToken {
  const { discover, keys, clientId, clock } = deps
  const verify = createJwtVerifier(keys, clock)

  return async (token) => {
    const provider = await discover()
    if (!provider.ok) return provider
    const { issuer, id_token_signing_alg_values_supported: announced } = provider.metadata
    const verified = await verify(token, {
      issuer,
      audience: clientId,
      // Those of ID tokens (Back-Channel Logout 2.4).
      algorithms: () => announced ?? defaultAlgorithms,
      types: acceptedTypes,
      requiredClaims: ['iat', 'jti', 'events'],
      maxAgeSeconds,
    })
    return verified.ok ? readLogout(verified.claims, clientId) : verified
  }
}

function readLogout(claims: JWTPayload, clientId: string): LogoutTokenResult {
  const { sub = '', sid = '', jti = '', iss = '', aud, azp, events } = claims
  if ('nonce' in claims) return refuse('a nonce is for ID tokens')
  if (!isObject(events) || !isObject(events[event])) return refuse('events names no logout')
  if (!isText(sub) || !isText(sid)) return refuse('sub or sid is no text')
  if (sub === '' && sid === '') return refuse('neither sub nor sid is there')
  if (!isText(jti) || jti === '') return refuse('jti is no text')
  const isForUs = !Array.isArray(aud) || aud.length === 1 || azp === clientId
  if (!isForUs) return refuse('aud names others, azp not us')
  const name = createHash('sha256')
    .update(JSON.stringify([iss, jti]))
    .digest('base64url')
  return { ok: true, sub, sid, name, repeatableMs }
}

function refuse(detail: string): LogoutTokenResult {
  return { ok: false, detail }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
