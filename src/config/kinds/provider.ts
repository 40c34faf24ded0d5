import { accept, refine, refuse, type Kind } from '../kind.ts'
import { listOf } from './list.ts'
import { text } from './text.ts'
import { providerUrl } from './url.ts'

const names = ['oidc', 'google', 'keycloak-oidc', 'entra-id'] as const

/** One way to sign in, OpenID Connect, and what of a vendor's is more than that. */
export type ProviderName = (typeof names)[number]

const issuerHints: Readonly<Record<string, string>> = {
  azure: ' (for azure: https://login.microsoftonline.com/TENANT/v2.0)',
  gitlab: ' (for gitlab: https://gitlab.com)',
}

export const providerName: Kind<ProviderName> = refine(
  text,
  { schema: { enum: names } },
  (value) => {
    const known = names.find((name) => name === value)
    if (known !== undefined) return accept(known)
    return refuse(
      `is none of the providers served: ${names.join(', ')}`,
      `set provider = "oidc" and oidc_issuer_url to the issuer${issuerHints[value] ?? ''}`,
    )
  },
)

/** Without `openid` the provider gives no ID token. Empty = our default scopes. */
export const scope: Kind<string> = refine(text, {}, (value) =>
  value === '' || value.split(' ').includes('openid')
    ? accept(value)
    : refuse('lacks openid, without which there is no sign-in', 'add openid to it'),
)

const algorithms: ReadonlySet<string> = new Set(
  'RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA'.split(' '),
)

/** Asymmetric only: with a shared key (HS*) or none, anyone could sign. */
export const signingAlgorithms: Kind<readonly string[]> = listOf(
  { type: 'list of algorithms' },
  (entry) =>
    algorithms.has(entry)
      ? accept(entry)
      : refuse('is not an accepted signature algorithm', `use ${[...algorithms].join(', ')}`),
)

/** Whose bearer tokens count besides the provider's, and for which audience. */
export interface JwtIssuer {
  /** Exactly as in the tokens' `iss`. */
  readonly issuer: string
  readonly audience: string
}

export const jwtIssuers: Kind<readonly JwtIssuer[]> = listOf(
  { type: 'list of issuer=audience' },
  (entry) => {
    const [issuer = '', audience = '', ...rest] = entry.split('=')
    if (issuer === '' || audience === '' || rest.length > 0) {
      return refuse('is not issuer=audience', 'write for example https://sso.example.com=my-api')
    }
    const url = providerUrl.parse(issuer)
    return url.ok ? accept({ issuer, audience }, url.warnings) : url
  },
)
