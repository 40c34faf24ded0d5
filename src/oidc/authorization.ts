import { calculatePKCECodeChallenge } from 'openid-client'
import type { ServerMetadata } from 'openid-client'

export interface AuthorizationOptions {
  /** Empty = `openid email profile`, and `groups` when `allowed_groups` asks for some. */
  readonly scope: string
  readonly provider?: string
  readonly allowed_groups: readonly string[]
  readonly prompt: string
  /** Sent when `prompt` is empty, as oauth2-proxy does. */
  readonly approval_prompt: string
  readonly acr_values: string
  readonly code_challenge_method: string
  readonly force_code_challenge_method: string
}

/** One attempt to sign in, as `login-state.ts` made it. */
export interface AuthorizationAttempt {
  /** Absolute, without query; the same for the request and the exchange. */
  readonly redirectUri: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

export interface Authorization {
  /** The query of the authorization request (OpenID Connect Core 3.1.2.1). */
  parameters(attempt: AuthorizationAttempt, metadata: ServerMetadata): Promise<URLSearchParams>
  /** RFC 7636 wherever it can be had; without a client secret it must be. */
  usesPkce(metadata: ServerMetadata): boolean
}

export function createAuthorization(deps: {
  readonly options: AuthorizationOptions
  readonly clientSecret: () => string
}): Authorization {
  const { options, clientSecret } = deps
  const challengeMethod = options.code_challenge_method || options.force_code_challenge_method

  function usesPkce({ code_challenge_methods_supported: offered }: ServerMetadata): boolean {
    return challengeMethod === 'S256' || clientSecret() === '' || lists(offered, 'S256')
  }

  return {
    usesPkce,
    async parameters({ redirectUri, state, nonce, codeVerifier }, metadata) {
      const parameters = new URLSearchParams({
        redirect_uri: redirectUri,
        scope: scopeOf(metadata, options),
        state,
        nonce,
      })
      if (options.prompt !== '') parameters.set('prompt', options.prompt)
      else if (options.approval_prompt !== '') {
        parameters.set('approval_prompt', options.approval_prompt)
      }
      // Google gives refresh tokens to those alone that ask for them so.
      if (options.provider === 'google') parameters.set('access_type', 'offline')
      if (options.acr_values !== '') parameters.set('acr_values', options.acr_values)
      if (usesPkce(metadata)) {
        parameters.set('code_challenge', await calculatePKCECodeChallenge(codeVerifier))
        parameters.set('code_challenge_method', 'S256')
      }
      return parameters
    },
  }
}

/** A provider that lists its scopes without `groups` may refuse a request for them. */
function scopeOf(
  metadata: ServerMetadata,
  { scope, allowed_groups }: AuthorizationOptions,
): string {
  if (scope !== '') return scope
  const { scopes_supported: offered } = metadata
  const wantsGroups = allowed_groups.some((group) => group !== '')
  const offersGroups = offered === undefined || lists(offered, 'groups')
  return wantsGroups && offersGroups ? 'openid email profile groups' : 'openid email profile'
}

/** Metadata is what the provider sent: maybe no list at all. */
function lists(values: unknown, value: string): boolean {
  return Array.isArray(values) && values.includes(value)
}
