import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  leftHash,
  newKey,
  signJwt,
  startHostileProvider,
  type Claims,
} from '../../support/hostile-provider.ts'
import { oidcClient, redeem } from '../../support/oidc-client.ts'

const key = newKey()
const roles = {
  realm_access: { roles: ['offline_access', 'editor'] },
  resource_access: { app: { roles: ['owner'] }, account: { roles: ['a,b'] }, odd: 'no object' },
}
const groups = ['dev', 'role:offline_access', 'role:editor', 'role:app:owner', 'role:account:a%2Cb']

test('roles of the access token are groups', async (t) => {
  const provider = await startHostileProvider(t, key)
  const access_token = signJwt({ sub: 'mallory', ...roles }, key)
  const answerWith = (token: string) => {
    const id_token = provider.idToken({ at_hash: leftHash(token) })
    provider.bend('token', { body: provider.tokens({ access_token: token, id_token }) })
  }
  answerWith(access_token)
  const options = { oidc_issuer_url: provider.issuer }
  const { client } = oidcClient({ ...options, provider: 'keycloak-oidc' })
  const result = await redeem(client, provider)
  assert.ok(result.ok)
  assert.deepEqual(result.identity.groups, groups)

  const plain = await redeem(oidcClient({ ...options, provider: 'oidc' }).client, provider)
  assert.ok(plain.ok)
  assert.deepEqual(plain.identity.groups, ['dev'])

  for (const token of ['opaque', 'a.b.c', `a.${Buffer.from('[]').toString('base64url')}.c`]) {
    answerWith(token)
    const refused = await redeem(client, provider)
    assert.ok(!refused.ok)
    assert.equal(refused.failure, 'claims-invalid')
  }
})

test('roles of a bearer token are groups, of the provider’s own alone', async (t) => {
  const [provider, other] = [await startHostileProvider(t, key), await startHostileProvider(t, key)]
  const { client } = oidcClient({
    oidc_issuer_url: provider.issuer,
    provider: 'keycloak-oidc',
    extra_jwt_issuers: [{ issuer: other.issuer, audience: 'sallyport' }],
  })
  const groupsOf = async (token: string): Promise<readonly string[]> => {
    const result = await client.verifyBearer(token)
    assert.ok(result.ok)
    return result.identity.groups
  }
  const claims: Claims = roles
  assert.deepEqual(await groupsOf(provider.idToken(claims)), groups)
  assert.deepEqual(await groupsOf(other.idToken(claims)), ['dev'])
})
