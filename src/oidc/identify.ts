import { fetchUserInfo } from 'openid-client'
import { lacksClaims, readIdentity } from './claims.ts'
import type { ClaimOptions } from './claims.ts'
import type { Claims } from './claim-values.ts'
import { userinfoFault } from './errors.ts'
import type { Fault } from './errors.ts'
import type { Grants } from './grants.ts'
import { accessTokenClaims, withRoles } from './keycloak-roles.ts'
import type { ProviderMetadata } from './provider.ts'
import type { Identity } from '../core/identity.ts'

export interface IdentifyOptions extends ClaimOptions {
  /** `keycloak-oidc`: roles are groups, too. */
  readonly provider?: string
  readonly skip_claims_from_profile_url: boolean
}

export type Identified =
  { readonly ok: true; readonly identity: Identity } | ({ readonly ok: false } & Fault)

/** Whose tokens these are. Throws `Unavailable` when userinfo is needed and does not answer. */
export type Identify = (
  metadata: ProviderMetadata,
  idTokenClaims: Claims,
  accessToken: string,
) => Promise<Identified>

/**
 * Userinfo is asked only for what a verified ID token leaves out, and counts only for the same `sub`
 * (SEC-20). That it does not answer is never taken for "no groups" (SEC-12).
 */
export function createIdentify(deps: {
  readonly options: IdentifyOptions
  readonly grants: Grants
}): Identify {
  const { options, grants } = deps

  function read(claims: Claims, profile: Claims, accessToken: string): Identified {
    const result = readIdentity(claims, profile, options)
    const hasRoles = options.provider === 'keycloak-oidc'
    return hasRoles ? withRoles(result, accessTokenClaims(accessToken)) : result
  }

  return async (metadata, idTokenClaims, accessToken) => {
    const mayAsk = metadata.userinfo_endpoint !== undefined && !options.skip_claims_from_profile_url
    if (!mayAsk || !lacksClaims(idTokenClaims, options)) {
      return read(idTokenClaims, {}, accessToken)
    }
    try {
      const userinfo = await grants.run(metadata, 'userinfo', (configuration) =>
        fetchUserInfo(configuration, accessToken, String(idTokenClaims['sub'])),
      )
      return read(idTokenClaims, userinfo, accessToken)
    } catch (error) {
      return { ok: false, ...userinfoFault(error) }
    }
  }
}
