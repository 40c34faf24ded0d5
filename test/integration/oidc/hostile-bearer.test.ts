import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import { fakeClock } from '../../support/clock.ts'
import {
  newKey,
  nowSeconds,
  signJwt,
  startHostileProvider,
  type Claims,
  type HostileProvider,
} from '../../support/hostile-provider.ts'
import { oidcClient } from '../../support/oidc-client.ts'

const key = newKey('RS256')

test('reads who a token of the provider is of, without asking userinfo', async (t) => {
  const provider = await startHostileProvider(t, key)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const exp = nowSeconds() + 60
  assert.deepEqual(await client.verifyBearer(provider.idToken({ exp, groups: undefined })), {
    ok: true,
    identity: {
      user: 'mallory',
      email: 'mallory@example.com',
      groups: [],
      preferredUsername: 'mallory',
    },
    expiresAt: exp * 1000,
  })
  assert.equal(provider.received.userinfo.length, 0)
})

test('the subject of a machine stands for its e-mail address', async (t) => {
  const provider = await startHostileProvider(t, key)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const claims = { email: undefined, email_verified: undefined }
  const result = await client.verifyBearer(provider.idToken({ ...claims, sub: 'ci-runner' }))
  assert.ok(result.ok)
  assert.equal(result.identity.email, 'ci-runner')
})

const now = nowSeconds()
type Made = (provider: HostileProvider) => string

const refused: Readonly<Record<string, Made>> = {
  'of another audience': (provider) => provider.idToken({ aud: 'another' }),
  'without an audience': (provider) => provider.idToken({ aud: undefined }),
  'of another issuer': (provider) => provider.idToken({ iss: 'https://evil.example' }),
  'without an issuer': (provider) => provider.idToken({ iss: undefined }),
  'with a list of issuers': (provider) => provider.idToken({ iss: [provider.issuer] }),
  'that is over': (provider) => provider.idToken({ exp: now - 1 }),
  'without an end': (provider) => provider.idToken({ exp: undefined }),
  'with an end that is text': (provider) => provider.idToken({ exp: '9999999999' }),
  'that is not valid yet': (provider) => provider.idToken({ nbf: now + 600 }),
  'from the future': (provider) => provider.idToken({ iat: now + 600 }),
  'without a subject': (provider) => provider.idToken({ sub: undefined }),
  'with an empty subject': (provider) => provider.idToken({ sub: '' }),
  'with a line break in the subject': (provider) => provider.idToken({ sub: 'a\r\nb' }),
  'with an address that is not verified': (provider) => provider.idToken({ email_verified: false }),
  'for logout, by its typ': (provider) => provider.idToken({}, { typ: 'logout+jwt' }),
  'for logout, by its events': (provider) => provider.idToken({ events: {} }),
  'of DPoP': (provider) => provider.idToken({}, { typ: 'dpop+jwt' }),
  'with an extension that must be understood': (provider) =>
    provider.idToken({}, { crit: ['x'], x: 1 }),
  'signed with another key of the same name': (provider) =>
    signJwt(provider.idTokenClaims(), { ...newKey('RS256'), kid: provider.key.kid }),
  'that brings its own key': (provider) => {
    const own = newKey('RS256', 'own')
    return signJwt(provider.idTokenClaims(), own, { jwk: own.publicJwk })
  },
  'that says where its key is': (provider) =>
    signJwt(provider.idTokenClaims(), newKey('RS256', 'own'), {
      jku: `${provider.issuer}/jwks`,
      x5u: `${provider.issuer}/jwks`,
    }),
  'with an algorithm that is not announced': (provider) => provider.idToken({}, { alg: 'PS256' }),
  'that is not signed': (provider) => unsigned(provider, 'none', 'AA'),
  'signed with the public key as a secret': (provider) => {
    const input = unsigned(provider, 'HS256', '').slice(0, -1)
    const secret = JSON.stringify(provider.key.publicJwk)
    return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
  },
  'with a signature of nothing': (provider) => provider.idToken().replace(/\.[^.]*$/, '.AA'),
  'whose claims were changed': (provider) => {
    const [head, , signature] = provider.idToken().split('.')
    return `${head}.${encode(provider.idTokenClaims({ sub: 'admin' }))}.${signature}`
  },
  'whose claims are a list': (provider) => signJwt('[]', provider.key),
  'whose claims are not JSON': (provider) => signJwt('ey', provider.key),
}

function unsigned(provider: HostileProvider, alg: string, signature: string): string {
  const head = encode({ alg, kid: provider.key.kid, typ: 'JWT' })
  return `${head}.${encode(provider.idTokenClaims())}.${signature}`
}

function encode(part: Claims): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

test('SEC-23: refuses a token', async (t) => {
  const provider = await startHostileProvider(t, key)
  provider.bend('discovery', {
    body: provider.metadata({ id_token_signing_alg_values_supported: ['RS256', 'HS256', 'none'] }),
  })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  assert.ok((await client.verifyBearer(provider.idToken())).ok)
  for (const [name, make] of Object.entries(refused)) {
    await t.test(name, async () => {
      const result = await client.verifyBearer(make(provider))
      assert.ok(!result.ok)
      assert.match(result.detail, /^[\x20-\x7e]{5,200}$/)
    })
  }
})

test('takes ES256 where the provider announces it, and not where the options leave it out', async (t) => {
  const provider = await startHostileProvider(t)
  const options = { oidc_issuer_url: provider.issuer }
  assert.ok((await oidcClient(options).client.verifyBearer(provider.idToken())).ok)
  const narrowed = oidcClient({ ...options, oidc_enabled_signing_algs: ['RS256'] })
  assert.ok(!(await narrowed.client.verifyBearer(provider.idToken())).ok)
})

test('SEC-23: a token of one issuer never passes with the keys of another', async (t) => {
  const [provider, other] = [await startHostileProvider(t), await startHostileProvider(t, key)]
  const { client } = oidcClient({
    oidc_issuer_url: provider.issuer,
    extra_jwt_issuers: [{ issuer: other.issuer, audience: 'sallyport' }],
  })
  assert.ok((await client.verifyBearer(other.idToken())).ok)
  assert.ok((await client.verifyBearer(provider.idToken())).ok)
  const forged = signJwt(provider.idTokenClaims(), other.key)
  assert.ok(!(await client.verifyBearer(forged)).ok)
  const turned = signJwt(other.idTokenClaims(), provider.key)
  assert.ok(!(await client.verifyBearer(turned)).ok)
})

test('further issuers: each audience by itself, standard claims whatever the options say', async (t) => {
  const provider = await startHostileProvider(t)
  const issuer = await startHostileProvider(t, key)
  const { client } = oidcClient({
    oidc_issuer_url: provider.issuer,
    oidc_email_claim: 'mail',
    oidc_groups_claim: 'roles',
    insecure_oidc_allow_unverified_email: true,
    extra_jwt_issuers: [
      { issuer: issuer.issuer, audience: 'one' },
      { issuer: issuer.issuer, audience: 'two' },
      { issuer: provider.issuer, audience: 'three' },
    ],
  })
  for (const aud of ['one', 'two', ['x', 'two']]) {
    const result = await client.verifyBearer(issuer.idToken({ aud, roles: ['admin'] }))
    assert.ok(result.ok)
    assert.equal(result.identity.email, 'mallory@example.com')
    assert.deepEqual(result.identity.groups, ['dev'])
  }
  for (const changes of [
    { aud: 'sallyport' },
    { aud: 'three' },
    { aud: 'one', email_verified: false },
  ]) {
    assert.ok(!(await client.verifyBearer(issuer.idToken(changes))).ok, JSON.stringify(changes))
  }
  assert.ok((await client.verifyBearer(provider.idToken({ aud: 'three' }))).ok)
  assert.equal(issuer.received.jwks.length, 1)
})

test('an issuer without a discovery document has its keys at the well-known place', async (t) => {
  const issuer = await startHostileProvider(t, key)
  const { client } = oidcClient({
    oidc_issuer_url: 'https://sso.invalid',
    extra_jwt_issuers: [{ issuer: issuer.issuer, audience: 'sallyport' }],
  })
  issuer.bend('discovery', { status: 404, body: {} })
  assert.ok((await client.verifyBearer(issuer.idToken())).ok)
})

const strange: readonly (readonly [name: string, changes: Claims])[] = [
  ['another issuer', { issuer: 'https://evil.example' }],
  ['no keys', { jwks_uri: undefined }],
  ['keys that are no URL', { jwks_uri: 'jwks' }],
]

test('SEC-15: a discovery document that says something odd is an outage, with no detour', async (t) => {
  for (const [name, changes] of strange) {
    await t.test(name, async (t) => {
      const issuer = await startHostileProvider(t, key)
      const { client } = oidcClient({
        oidc_issuer_url: 'https://sso.invalid',
        extra_jwt_issuers: [{ issuer: issuer.issuer, audience: 'sallyport' }],
      })
      issuer.bend('discovery', { body: issuer.metadata(changes) })
      await assert.rejects(client.verifyBearer(issuer.idToken()), Unavailable)
      assert.equal(issuer.received.jwks.length, 0)
    })
  }
})

test('SEC-14: keys that cannot be had are an outage, and come back by themselves', async (t) => {
  const clock = fakeClock(Date.now())
  const provider = await startHostileProvider(t, key)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  provider.bend('discovery', { status: 503 })
  await assert.rejects(client.verifyBearer(provider.idToken()), Unavailable)
  provider.bend('discovery', undefined)
  provider.bend('jwks', { status: 503 })
  clock.advance(1000)
  await assert.rejects(client.verifyBearer(provider.idToken()), Unavailable)
  provider.bend('jwks', undefined)
  clock.advance(5000)
  assert.ok((await client.verifyBearer(provider.idToken())).ok)
})

test('SEC-19: a new key works at once; while the provider is away it may be one, so nobody is refused', async (t) => {
  const clock = fakeClock(Date.now())
  const provider = await startHostileProvider(t, key)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  const next = newKey('RS256', 'next')
  const token = signJwt(provider.idTokenClaims(), next)
  assert.ok((await client.verifyBearer(provider.idToken())).ok)
  assert.ok(!(await client.verifyBearer(token)).ok)

  provider.bend('jwks', { status: 503 })
  clock.advance(5000)
  await assert.rejects(client.verifyBearer(token), Unavailable)
  await assert.rejects(client.verifyBearer(token), Unavailable)
  assert.ok((await client.verifyBearer(provider.idToken())).ok, 'known keys stay good')
  assert.equal(provider.received.jwks.length, 2)

  provider.bend('jwks', { body: { keys: [provider.key.publicJwk, next.publicJwk] } })
  clock.advance(5000)
  assert.ok((await client.verifyBearer(token)).ok)
})
