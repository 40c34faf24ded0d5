// The keys of an issuer at which nobody signs in here: only its tokens are checked.
import { isObject } from './claim-values.ts'
import { oneLine } from './errors.ts'
import { createKeySet, type KeySet } from './key-set.ts'
import { mayUsePlainHttp } from './provider.ts'
import type { ProviderFetch } from './provider-fetch.ts'
import { Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Clock } from '../lib/clock.ts'

export interface IssuerKeys {
  readonly keys: KeySet
  /** What the issuer signs with, known once the keys are. */
  algorithms(): readonly string[]
}

interface Found {
  readonly keysUrl: string
  readonly algorithms: readonly string[]
}

const get = { method: 'GET', headers: {}, body: undefined } as const

/** OpenID Connect Discovery 4.2: what an issuer that announces nothing signs with. */
export const defaultAlgorithms: readonly string[] = ['RS256']

/**
 * Discovered (OpenID Connect Discovery 1.0) whenever the keys are renewed; where there is no
 * document, `/.well-known/jwks.json` of the issuer, as in oauth2-proxy.
 */
export function createIssuerKeys(
  issuer: string,
  deps: { readonly fetch: ProviderFetch; readonly clock: Clock; readonly log: Log },
): IssuerKeys {
  const { fetch } = deps
  const base = issuer.replace(/\/$/, '')
  let algorithms = defaultAlgorithms

  async function download(): Promise<Response> {
    const document = await readDocument().catch((error: unknown) => error)
    const found = isObject(document) && !(document instanceof Error) ? read(document) : undefined
    const keysUrl = found?.keysUrl ?? `${base}/.well-known/jwks.json`
    try {
      const response = await fetch('keys', keysUrl, get)
      algorithms = found?.algorithms ?? defaultAlgorithms
      return response
    } catch (error) {
      throw document instanceof Unavailable ? document : error
    }
  }

  async function readDocument(): Promise<unknown> {
    const response = await fetch('discovery', `${base}/.well-known/openid-configuration`, get)
    return response.status === 200 ? response.json() : undefined
  }

  /** Throws when it is another issuer's, or its keys could be changed on the way (SEC-15). */
  function read(document: Readonly<Record<string, unknown>>): Found {
    const { issuer: said, jwks_uri, id_token_signing_alg_values_supported: announced } = document
    if (said !== issuer) throw refused(`it says that it is ${oneLine(String(said))}`)
    const url = typeof jwks_uri === 'string' ? URL.parse(jwks_uri) : null
    const isSecure =
      url?.protocol === 'https:' || (url?.protocol === 'http:' && mayUsePlainHttp(issuer))
    if (!url || !isSecure) throw refused('jwks_uri is missing or not https')
    const names = Array.isArray(announced) ? announced.map(String) : defaultAlgorithms
    return { keysUrl: url.href, algorithms: names }
  }

  function refused(problem: string): Unavailable {
    return new Unavailable('provider', `discovery: ${issuer}: ${problem}`)
  }

  return { keys: createKeySet({ ...deps, download }), algorithms: () => algorithms }
}
