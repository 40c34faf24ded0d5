import { accept, refine, refuse, type Kind } from '../kind.ts'
import { listOf } from './list.ts'
import { text } from './text.ts'
import { providerUrl } from './url.ts'

const issuerHints: Readonly<Record<string, string>> = {
  google: 'https://accounts.google.com',
  'entra-id': 'https://login.microsoftonline.com/TENANT/v2.0',
  azure: 'https://login.microsoftonline.com/TENANT/v2.0',
  'keycloak-oidc': 'https://KEYCLOAK/realms/REALM',
  gitlab: 'https://gitlab.com',
}

/** One generic provider serves every vendor that speaks OpenID Connect. */
export const providerName: Kind<'oidc'> = refine(text, { schema: { const: 'oidc' } }, (value) => {
  if (value === 'oidc') return accept('oidc')
  const issuer = issuerHints[value]
  const url = issuer === undefined ? '' : ` (for ${value}: ${issuer})`
  return refuse(
    'must be oidc, the only provider type served',
    `set provider = "oidc" and oidc_issuer_url to the issuer${url}`,
  )
})

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
