// Everything that openid-client does for us runs through here: with our fetch, our keys, and with
// signatures always checked (without this it trusts what came over TLS from the token endpoint).
import {
  Configuration,
  allowInsecureRequests,
  clockTolerance,
  customFetch,
  enableNonRepudiationChecks,
} from 'openid-client'
import { clientAuth } from './client-auth.ts'
import { isUnknownKey } from './errors.ts'
import { clockToleranceSeconds } from './id-token.ts'
import type { KeySet } from './key-set.ts'
import { mayUsePlainHttp } from './provider.ts'
import type { ProviderMetadata } from './provider.ts'
import type { ProviderCall, ProviderFetch } from './provider-fetch.ts'

export interface Grants {
  /** For what needs no call: building URLs. */
  configuration(metadata: ProviderMetadata): Configuration
  /**
   * Runs a request of openid-client and checks its answer. An answer signed with a key that we do
   * not know yet is checked once more with newer keys, which `look` finds; the request itself is never
   * repeated, because codes and refresh tokens are good for one use.
   */
  run<T>(
    metadata: ProviderMetadata,
    call: Extract<ProviderCall, 'token' | 'userinfo'>,
    request: (configuration: Configuration) => Promise<T>,
    look?: 'newerThan' | 'newestAfter',
  ): Promise<T>
}

export function createGrants(deps: {
  readonly clientId: string
  readonly clientSecret: () => string
  /** In place of the secret; empty or absent = none. */
  readonly clientAssertion?: (() => string) | undefined
  readonly fetch: ProviderFetch
  readonly keys: KeySet
}): Grants {
  const { clientId, clientSecret, clientAssertion, fetch, keys } = deps

  function configuration(metadata: ProviderMetadata): Configuration {
    const client = { [clockTolerance]: clockToleranceSeconds }
    const auth = clientAuth(metadata, clientSecret(), clientAssertion?.())
    const created = new Configuration(metadata, clientId, client, auth)
    enableNonRepudiationChecks(created)
    if (mayUsePlainHttp(metadata.issuer)) allowInsecureRequests(created)
    return created
  }

  return {
    configuration,
    async run(metadata, call, request, look = 'newerThan') {
      // First, so that a missing key set cannot spend the code or the refresh token.
      const document = await keys.current()
      let answer: Promise<Response> | undefined
      const attempt = (jwks: string) => {
        const configured = configuration(metadata)
        configured[customFetch] = async (url, init) => {
          if (url === metadata.jwks_uri) return jwksResponse(jwks)
          answer ??= fetch(call, url, init)
          return (await answer).clone()
        }
        return request(configured)
      }
      try {
        return await attempt(document)
      } catch (error) {
        const newer = isUnknownKey(error) ? await keys[look](document) : undefined
        if (newer === undefined) throw error
        return attempt(newer)
      }
    },
  }
}

function jwksResponse(document: string): Response {
  return new Response(document, { headers: { 'content-type': 'application/json' } })
}
