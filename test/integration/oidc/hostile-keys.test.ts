import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import { fakeClock } from '../../support/clock.ts'
import {
  newKey,
  signJwt,
  startHostileProvider,
  type Answer,
  type Claims,
  type HostileProvider,
  type SigningKey,
} from '../../support/hostile-provider.ts'
import { oidcClient, patienceFor, redeem } from '../../support/oidc-client.ts'

function answerSignedBy(provider: HostileProvider, key: SigningKey) {
  return { body: provider.tokens({ id_token: signJwt(provider.idTokenClaims(), key) }) }
}

function weakRsaKey(options: { modulusLength: number; publicExponent?: number }): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', options)
  const publicJwk = { ...publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'RS256' }
  return { kid: 'key-1', alg: 'RS256', privateKey, publicJwk }
}

const honest = newKey()
const point = honest.publicJwk
const secret = honest.privateKey.export({ format: 'jwk' })

const keySets: readonly { readonly name: string; readonly keys: readonly Claims[] }[] = [
  { name: 'a key for encryption', keys: [{ ...point, use: 'enc' }] },
  { name: 'a key for another algorithm', keys: [{ ...point, alg: 'ES384' }] },
  { name: 'a key that may only sign', keys: [{ ...point, key_ops: ['sign'] }] },
  { name: 'two keys of one name', keys: [point, { ...newKey().publicJwk }] },
  { name: 'a point that is not on the curve', keys: [{ ...point, y: point['x'] }] },
  { name: 'a private key', keys: [{ ...point, d: secret.d }] },
  { name: 'a key without coordinates', keys: [{ ...point, x: undefined }] },
  { name: 'a number for a coordinate', keys: [{ ...point, x: 5 }] },
  { name: 'a symmetric key', keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'key-1' }] },
  { name: 'a key of an unknown kind', keys: [{ kty: 'XYZ', kid: 'key-1' }] },
  { name: 'a key with another name', keys: [{ ...point, kid: 'other' }] },
]

test('SEC-44: refuses signatures that it cannot check with a proper key', async (t) => {
  const provider = await startHostileProvider(t, honest)
  for (const { name, keys } of keySets) {
    await t.test(`the key set holds ${name}`, async () => {
      provider.bend('jwks', { body: { keys } })
      const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
      const result = await redeem(client, provider)
      assert.ok(!result.ok)
      assert.equal(result.failure, 'token-invalid', result.detail)
    })
  }
})

test('SEC-44: refuses RSA keys that anyone could forge', async (t) => {
  for (const [name, key] of [
    ['1024 bits', weakRsaKey({ modulusLength: 1024 })],
    ['512 bits', weakRsaKey({ modulusLength: 512 })],
  ] as const) {
    await t.test(name, async (t) => {
      const provider = await startHostileProvider(t, key)
      const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
      const result = await redeem(client, provider)
      assert.ok(!result.ok)
      assert.equal(result.failure, 'token-invalid', result.detail)
    })
  }
  for (const e of ['AQ', 'AAE', 'AAAB', '']) {
    await t.test(`exponent ${e}`, async (t) => {
      const real = newKey('RS256')
      const key = { ...real, publicJwk: { ...real.publicJwk, e } }
      const provider = await startHostileProvider(t, key)
      // With e = 1 the padded hash is its own signature.
      const [header, payload] = provider.idToken().split('.')
      const padded = pkcs1(`${header}.${payload}`, 256).toString('base64url')
      provider.bend('token', {
        body: provider.tokens({ id_token: `${header}.${payload}.${padded}` }),
      })
      const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
      await assert.rejects(redeem(client, provider), Unavailable)
      assert.equal(provider.received.token.length, 0)
    })
  }
})

const noKeys: readonly { readonly name: string; readonly answer: Answer }[] = [
  { name: 'an empty key set', answer: { body: { keys: [] } } },
  { name: 'a key set that is no list', answer: { body: { keys: {} } } },
  { name: 'a list of numbers', answer: { body: { keys: [1, 2] } } },
  { name: 'null', answer: { body: 'null' } },
  { name: 'status 404', answer: { status: 404, body: { keys: [point] } } },
  { name: 'status 503', answer: { status: 503 } },
  { name: 'a JWT', answer: { headers: { 'content-type': 'application/jwt' }, body: 'a.b.c' } },
  { name: '10,000 keys', answer: { body: { keys: Array.from({ length: 10_000 }, () => point) } } },
  { name: 'nothing', answer: 'hang' },
]

test('SEC-44: without usable keys no code is spent', async (t) => {
  for (const { name, answer } of noKeys) {
    await t.test(`the key set is ${name}`, async (t) => {
      const provider = await startHostileProvider(t, honest)
      provider.bend('jwks', answer)
      const clock = fakeClock(Date.now())
      const provider_timeout = patienceFor(answer)
      const options = { oidc_issuer_url: provider.issuer, provider_timeout }
      const { client } = oidcClient(options, { clock })
      await assert.rejects(redeem(client, provider), Unavailable)
      await assert.rejects(redeem(client, provider), Unavailable)
      assert.equal(provider.received.jwks.length, 1)
      assert.equal(provider.received.token.length, 0)
      provider.bend('jwks', undefined)
      clock.advance(5000)
      assert.ok((await redeem(client, provider)).ok)
    })
  }
})

test('SEC-19: a key that is new at the provider works at once, the code is redeemed once', async (t) => {
  const provider = await startHostileProvider(t, honest)
  const clock = fakeClock(Date.now())
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  assert.ok((await redeem(client, provider)).ok)

  clock.advance(5000)
  const next = newKey('ES256', 'key-2')
  provider.bend('jwks', { body: { keys: [next.publicJwk] } })
  provider.bend('token', answerSignedBy(provider, next))
  const results = await Promise.all([redeem(client, provider), redeem(client, provider)])
  assert.deepEqual(
    results.map(({ ok }) => ok),
    [true, true],
  )
  assert.equal(provider.received.jwks.length, 2)
  assert.equal(provider.received.token.length, 3)
})

test('SEC-19: a flood of unknown keys costs the provider one download per interval', async (t) => {
  const provider = await startHostileProvider(t, honest)
  const clock = fakeClock(Date.now())
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  let count = 0
  provider.bend('token', () =>
    answerSignedBy(provider, { ...honest, kid: `unknown-${(count += 1)}` }),
  )
  const flood = async (): Promise<void> => {
    const results = await Promise.all(Array.from({ length: 50 }, () => redeem(client, provider)))
    for (const result of results) assert.equal(result.ok, false)
  }
  await flood()
  assert.equal(provider.received.jwks.length, 1)
  clock.advance(4999)
  await flood()
  assert.equal(provider.received.jwks.length, 1)
  clock.advance(1)
  await flood()
  assert.equal(provider.received.jwks.length, 2)

  provider.bend('token', undefined)
  assert.ok((await redeem(client, provider)).ok)
})

test('SEC-19: known keys stay usable while the key set cannot be had', async (t) => {
  const provider = await startHostileProvider(t, honest)
  const clock = fakeClock(Date.now())
  const { client, log } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  assert.ok((await redeem(client, provider)).ok)
  for (const answer of [{ status: 503 }, { body: { keys: [] } }]) {
    provider.bend('jwks', answer)
    clock.advance(5 * 60 * 1000)
    provider.bend('token', {
      body: provider.tokens({ id_token: provider.idToken({ iat: clock.now() / 1000 }) }),
    })
    assert.ok((await redeem(client, provider)).ok)
    assert.equal(log.at(-1)?.event, 'provider keys not renewed')
  }
  assert.equal(provider.received.jwks.length, 3)
})

/** EMSA-PKCS1-v1_5 of SHA-256 (RFC 8017 9.2). */
function pkcs1(text: string, length: number): Buffer {
  const info = Buffer.from('3031300d060960864801650304020105000420', 'hex')
  const digest = Buffer.concat([info, createHash('sha256').update(text).digest()])
  const padding = Buffer.alloc(length - digest.length - 3, 0xff)
  return Buffer.concat([Buffer.from([0, 1]), padding, Buffer.from([0]), digest])
}
