// `provider = "keycloak-oidc"`: roles count as groups, named as oauth2-proxy names them.
import { coerceGroups, isObject, lookup, type Claims } from './claim-values.ts'
import type { IdentityResult } from './claims.ts'

/** The claims of an access token, which Keycloak makes a JWT; undefined for anything else. */
export function accessTokenClaims(accessToken: string): Claims | undefined {
  try {
    const payload = Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString()
    const claims: unknown = JSON.parse(payload)
    return isObject(claims) ? claims : undefined
  } catch {
    return undefined
  }
}

/**
 * Adds `role:<realm role>` and `role:<client>:<client role>` of an access token that came from the
 * token endpoint, or was verified. One that is no JWT is a failure, not a person without roles.
 */
export function withRoles(result: IdentityResult, accessToken: Claims | undefined): IdentityResult {
  if (!result.ok) return result
  if (accessToken === undefined) {
    const detail = 'the access token is no JWT, so it names no roles'
    return { ok: false, failure: 'claims-invalid', detail }
  }
  const { identity } = result
  const roles = rolesOf(accessToken).map((role) => `role:${role}`)
  return { ok: true, identity: { ...identity, groups: [...identity.groups, ...roles] } }
}

function rolesOf(claims: Claims): readonly string[] {
  const clients = lookup(claims, 'resource_access')
  return [
    ...coerceGroups(lookup(claims, 'realm_access.roles')),
    ...Object.entries(isObject(clients) ? clients : {}).flatMap(([client, access]) =>
      coerceGroups(isObject(access) ? access['roles'] : undefined).map(
        (role) => `${client}:${role}`,
      ),
    ),
  ]
}
