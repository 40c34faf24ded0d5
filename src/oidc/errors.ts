// The one translation of openid-client's errors: by class and code, never by message. What comes
// out holds no token and no secret, whatever the provider put in.
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { Unavailable } from '../core/errors.ts'
import type { SignInFailure } from '../core/sign-in-failure.ts'

export interface Fault {
  readonly failure: SignInFailure
  /** For the log. */
  readonly detail: string
}

/** Why a code exchange failed. Throws `Unavailable` for an outage, and errors that are our own. */
export function exchangeFault(error: unknown): Fault {
  const outage = findOutage(error)
  if (outage) throw outage
  if (error instanceof AuthorizationResponseError) {
    const failure = error.error === 'access_denied' ? 'access-denied' : 'provider-error'
    return { failure, detail: oauthDetail(error) }
  }
  if (error instanceof ResponseBodyError) return tokenEndpointFault(error)
  if (error instanceof WWWAuthenticateChallengeError) {
    const detail = `client authentication refused (status ${error.status})`
    return { failure: 'client-rejected', detail }
  }
  // Base64 that is none, objects for text: openid-client stumbles over those with TypeErrors.
  if (error instanceof ClientError || error instanceof TypeError) return answerFault(error)
  throw error
}

/** Why a refresh ends the session. Throws `Unavailable` for everything that does not. */
export function refreshRejection(error: unknown): string {
  const { failure, detail } = exchangeFault(error)
  if (failure === 'code-rejected' || failure === 'issuer-mismatch') return detail
  const isClientRejected = failure === 'client-rejected'
  throw new Unavailable('provider', `refresh: ${detail}`, { isClientRejected })
}

/** Why userinfo cannot be believed. Throws `Unavailable` when it could not be had (SEC-12). */
export function userinfoFault(error: unknown): Fault {
  const { failure, detail } = exchangeFault(error)
  const isLie = failure !== 'client-rejected' && failure !== 'provider-error'
  if (isLie) return { failure, detail: `userinfo: ${detail}` }
  throw new Unavailable('provider', `userinfo: ${detail}`)
}

/** Whatever goes wrong in discovery is an outage. */
export function discoveryOutage(error: unknown): Unavailable {
  const outage = findOutage(error)
  return outage ?? new Unavailable('provider', `discovery: ${describe(error)}`)
}

/** A token that names a key which is not in the key set (yet). */
export function isUnknownKey(error: unknown): boolean {
  return error instanceof ClientError && error.code === 'OAUTH_KEY_SELECTION_FAILED'
}

/** Foreign text that is public, such as an issuer, in one line of bounded length. */
export function oneLine(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]+/g, ' ').slice(0, 200)
}

function findOutage(error: unknown): Unavailable | undefined {
  if (error instanceof Unavailable) return error
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof Unavailable ? cause : undefined
}

function tokenEndpointFault(error: ResponseBodyError): Fault {
  const detail = oauthDetail(error)
  switch (error.error) {
    case 'invalid_client':
    case 'unauthorized_client':
      return { failure: 'client-rejected', detail }
    case 'invalid_grant':
      return { failure: 'code-rejected', detail }
    case 'server_error':
    case 'temporarily_unavailable':
    case 'slow_down':
      throw new Unavailable('provider', `token: ${detail}`)
    default:
      return { failure: 'provider-error', detail }
  }
}

function answerFault(error: ClientError | TypeError): Fault {
  const detail = describe(error)
  switch ('code' in error ? error.code : undefined) {
    case 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED':
      return { failure: 'clock-skew', detail }
    case 'OAUTH_JWT_CLAIM_COMPARISON_FAILED':
      return { failure: claimFailure(evidenceOf(error)['claim']), detail }
    case 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED':
      return { failure: 'claims-invalid', detail }
    case 'OAUTH_INVALID_RESPONSE':
      // Of the callback itself only `iss` (RFC 9207) can be wrong here: its state was matched before.
      return {
        failure: 'parameters' in evidenceOf(error) ? 'issuer-mismatch' : 'token-invalid',
        detail,
      }
    case 'OAUTH_RESPONSE_IS_NOT_CONFORM':
    case 'OAUTH_RESPONSE_IS_NOT_JSON':
      throw new Unavailable('provider', detail)
    default:
      return { failure: 'token-invalid', detail }
  }
}

function claimFailure(claim: unknown): SignInFailure {
  if (claim === 'iss') return 'issuer-mismatch'
  return claim === 'aud' || claim === 'azp' ? 'audience-mismatch' : 'token-invalid'
}

/** What openid-client compared: an object at the end of the chain of causes. */
function evidenceOf(error: Error): Readonly<Record<string, unknown>> {
  const { cause } = error
  if (cause instanceof Error) return evidenceOf(cause)
  return typeof cause === 'object' && cause !== null ? { ...cause } : {}
}

/** Messages with an OAuth code are constant; those of what was caught may quote what was read. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  const { cause } = error
  if (cause instanceof Response) return `${error.message}: status ${cause.status}`
  if (cause instanceof DOMException) return `${error.message}: ${cause.name}`
  const isConstant = cause instanceof Error && 'code' in cause && isOAuthCode(cause.code)
  return (isConstant ? cause : error).message + comparisonOf(evidenceOf(error))
}

function isOAuthCode(code: unknown): boolean {
  return typeof code === 'string' && code.startsWith('OAUTH_')
}

/** Shows what is public: issuer, audience, times. */
function comparisonOf({ claim, claims, expected, now }: Readonly<Record<string, unknown>>): string {
  if (typeof claim !== 'string' || typeof claims !== 'object' || claims === null) return ''
  const actual: unknown = new Map(Object.entries(claims)).get(claim)
  if (typeof now === 'number' && typeof actual === 'number') {
    return `: ${claim} is ${Math.round(actual - now)} s from our clock`
  }
  if (claimFailure(claim) === 'token-invalid') return ''
  const want = typeof expected === 'string' ? `, expected ${oneLine(expected)}` : ''
  return `: ${oneLine(JSON.stringify(actual))}${want}`
}

function oauthDetail(error: { error: string; error_description?: string | undefined }): string {
  const { error: code, error_description: description } = error
  return description ? `${oneLine(code)}: ${withoutTokens(oneLine(description))}` : oneLine(code)
}

/** Some providers quote the code or token they refuse. */
function withoutTokens(text: string): string {
  return text.replaceAll(/[\w.~+/=-]{20,}/g, '[...]')
}
