// The logout token of OpenID Connect Back-Channel Logout 1.0, checked as its section 2.6 says.
import { createHash } from 'node:crypto'
import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey, JWTVerifyResult } from 'jose'
import { isObject } from './claim-values.ts'
import { clockToleranceSeconds } from './id-token.ts'
import type { KeySet } from './key-set.ts'
import type { DiscoverProvider, ProviderMetadata } from './provider.ts'
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
const asymmetric = /^(RS|PS|ES)(256|384|512)$|^EdDSA$|^Ed25519$/

export function createLogoutTokenCheck(deps: {
  readonly discover: DiscoverProvider
  readonly keys: KeySet
  readonly clientId: string
  readonly clock: Clock
}): CheckLogoutToken {
  const { discover, keys, clientId, clock } = deps

  async function verify(token: string, metadata: ProviderMetadata): Promise<JWTVerifyResult> {
    const options = {
      issuer: metadata.issuer,
      audience: clientId,
      algorithms: signingAlgorithms(metadata),
      clockTolerance: clockToleranceSeconds,
      maxTokenAge: maxAgeSeconds,
      requiredClaims: ['iat', 'jti', 'events'],
      currentDate: new Date(clock.now()),
    }
    const document = await keys.current()
    try {
      return await jwtVerify(token, keysOf(document), options)
    } catch (error) {
      const isUnknownKey = error instanceof errors.JWKSNoMatchingKey
      const newer = isUnknownKey ? await keys.newerThan(document) : undefined
      if (newer === undefined) throw error
      return jwtVerify(token, keysOf(newer), options)
    }
  }

  return async (token) => {
    const provider = await discover()
    if (!provider.ok) return provider
    try {
      const { payload, protectedHeader } = await verify(token, provider.metadata)
      return readLogout(payload, protectedHeader.typ, clientId)
    } catch (error) {
      // Their codes are constant, their messages are not.
      if (error instanceof errors.JOSEError) return refuse(describe(error))
      // Keys that are none, and text for numbers.
      if (error instanceof TypeError || error instanceof DOMException)
        return refuse('the token cannot be read')
      throw error
    }
  }
}

function readLogout(
  claims: JWTPayload,
  typ: string | undefined,
  clientId: string,
): LogoutTokenResult {
  const { sub = '', sid = '', jti = '', iss = '', aud, azp, events } = claims
  if (typ !== undefined && !/^(application\/)?(logout\+jwt|jwt)$/i.test(typ)) {
    return refuse('typ is not of a logout token')
  }
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

function keysOf(document: string): JWTVerifyGetKey {
  return createLocalJWKSet(JSON.parse(document) as JSONWebKeySet)
}

/** Those of ID tokens (Back-Channel Logout 2.4), `RS256` when nothing is said; never a shared key. */
function signingAlgorithms({ id_token_signing_alg_values_supported: named }: ProviderMetadata) {
  return (named ?? ['RS256']).filter((name) => asymmetric.test(name))
}

function describe(error: InstanceType<typeof errors.JOSEError>): string {
  const claim =
    error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired
      ? ` (${error.claim})`
      : ''
  return `${error.code}${claim}`
}

function refuse(detail: string): LogoutTokenResult {
  return { ok: false, detail }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
