// OpenID Connect Back-Channel Logout 1.0, section 2.6, with a provider that can say anything.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import {
  hostileSubject,
  newKey,
  nowSeconds,
  signJwt,
  startHostileProvider,
  type HostileProvider,
} from '../../support/hostile-provider.ts'
import { oidcClient } from '../../support/oidc-client.ts'

const event = 'http://schemas.openid.net/event/backchannel-logout'

test('reads whose sessions end, and names the token', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const result = await client.checkLogoutToken(provider.logoutToken())
  assert.ok(result.ok)
  assert.deepEqual([result.sub, result.sid], [hostileSubject, 'provider-session-1'])
  const again = await client.checkLogoutToken(provider.logoutToken({ iat: nowSeconds() - 1 }))
  const other = await client.checkLogoutToken(provider.logoutToken({ jti: 'logout-2' }))
  assert.ok(again.ok && other.ok)
  assert.equal(again.name, result.name)
  assert.notEqual(other.name, result.name)
})

const good: readonly (readonly [name: string, token: (provider: HostileProvider) => string])[] = [
  ['with a sub alone', (provider) => provider.logoutToken({ sid: undefined })],
  ['with a sid alone', (provider) => provider.logoutToken({ sub: undefined })],
  [
    'without exp, as some providers send it',
    (provider) => provider.logoutToken({ exp: undefined }),
  ],
  ['of type JWT', (provider) => provider.logoutToken({}, { typ: 'JWT' })],
  ['without a type', (provider) => provider.logoutToken({}, { typ: undefined })],
  ['in a list of one audience', (provider) => provider.logoutToken({ aud: ['sallyport'] })],
  [
    'for others too, when it is issued to us',
    (provider) => provider.logoutToken({ aud: ['other', 'sallyport'], azp: 'sallyport' }),
  ],
  ['within the tolerance of clocks', (provider) => provider.logoutToken({ exp: nowSeconds() - 5 })],
  ['with claims that nobody knows', (provider) => provider.logoutToken({ trace_id: 7 })],
]

for (const [name, token] of good) {
  test(`takes a logout token ${name}`, async (t) => {
    const provider = await startHostileProvider(t)
    const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
    const result = await client.checkLogoutToken(token(provider))
    assert.ok(result.ok, JSON.stringify(result))
  })
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

function withoutSignature(token: string): string {
  return `${encode({ alg: 'none', typ: 'logout+jwt' })}.${token.split('.')[1]}.`
}

/** The public key as if it were a shared secret (RFC 8725 2.1). */
function hmacWith(secret: string, token: string, kid: string): string {
  const input = `${encode({ alg: 'HS256', kid, typ: 'logout+jwt' })}.${token.split('.')[1]}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function lastCharacterChanged(token: string): string {
  const [head = '', body = '', signature = ''] = token.split('.')
  const flipped = signature.startsWith('A') ? 'B' : 'A'
  return `${head}.${body}.${flipped}${signature.slice(1)}`
}

const wrong: readonly (readonly [name: string, token: (provider: HostileProvider) => string])[] = [
  ['that is none', () => 'nonsense'],
  ['that is empty', () => ''],
  ['of three empty parts', () => '..'],
  ['without a signature', (provider) => withoutSignature(provider.logoutToken())],
  [
    'signed with the client secret',
    (provider) => hmacWith('secret', provider.logoutToken(), provider.key.kid),
  ],
  [
    'signed with the public key',
    (provider) =>
      hmacWith(JSON.stringify(provider.key.publicJwk), provider.logoutToken(), provider.key.kid),
  ],
  ['with another signature', (provider) => lastCharacterChanged(provider.logoutToken())],
  [
    'signed by somebody else under the same key id',
    (provider) => signJwt(claimsOf(provider.logoutToken()), newKey(), { typ: 'logout+jwt' }),
  ],
  [
    'that brings its own key',
    (provider) => {
      const key = newKey('ES256', 'own')
      return signJwt(claimsOf(provider.logoutToken()), key, { jwk: key.publicJwk })
    },
  ],
  ['with a critical header', (provider) => provider.logoutToken({}, { crit: ['x'], x: 1 })],
  ['that is an ID token', (provider) => provider.idToken()],
  [
    'that is an ID token with the event',
    (provider) => provider.idToken({ jti: 'x', events: { [event]: {} } }),
  ],
  ['with a nonce', (provider) => provider.logoutToken({ nonce: 'n' })],
  ['with an empty nonce', (provider) => provider.logoutToken({ nonce: '' })],
  ['of another type', (provider) => provider.logoutToken({}, { typ: 'at+jwt' })],
  ['of another issuer', (provider) => provider.logoutToken({ iss: 'https://evil.example' })],
  ['without an issuer', (provider) => provider.logoutToken({ iss: undefined })],
  ['for another client', (provider) => provider.logoutToken({ aud: 'other' })],
  ['for nobody', (provider) => provider.logoutToken({ aud: undefined })],
  [
    'for us and others, issued to another',
    (provider) => provider.logoutToken({ aud: ['sallyport', 'other'], azp: 'other' }),
  ],
  ['for us and others', (provider) => provider.logoutToken({ aud: ['sallyport', 'other'] })],
  ['without iat', (provider) => provider.logoutToken({ iat: undefined })],
  ['with text for iat', (provider) => provider.logoutToken({ iat: String(nowSeconds()) })],
  ['from the future', (provider) => provider.logoutToken({ iat: nowSeconds() + 1_000 })],
  [
    'that is old, whatever its exp says',
    (provider) => provider.logoutToken({ iat: nowSeconds() - 1_000, exp: nowSeconds() + 9_000 }),
  ],
  ['that expired', (provider) => provider.logoutToken({ exp: nowSeconds() - 400 })],
  ['with text for exp', (provider) => provider.logoutToken({ exp: 'never' })],
  ['without jti', (provider) => provider.logoutToken({ jti: undefined })],
  ['with an empty jti', (provider) => provider.logoutToken({ jti: '' })],
  ['with a number for jti', (provider) => provider.logoutToken({ jti: 5 })],
  ['without events', (provider) => provider.logoutToken({ events: undefined })],
  ['with a list of events', (provider) => provider.logoutToken({ events: [event] })],
  ['with text for events', (provider) => provider.logoutToken({ events: event })],
  ['of another event', (provider) => provider.logoutToken({ events: { 'urn:other': {} } })],
  ['with a number for its event', (provider) => provider.logoutToken({ events: { [event]: 1 } })],
  ['of nobody', (provider) => provider.logoutToken({ sub: undefined, sid: undefined })],
  ['of empty names', (provider) => provider.logoutToken({ sub: '', sid: '' })],
  ['with a number for sub', (provider) => provider.logoutToken({ sub: 1 })],
  ['with an object for sid', (provider) => provider.logoutToken({ sid: { $ne: '' } })],
  ['with null for sid', (provider) => provider.logoutToken({ sid: null })],
]

function claimsOf(token: string): string {
  return Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()
}

for (const [name, token] of wrong) {
  test(`SEC-24: refuses a logout token ${name}`, async (t) => {
    const provider = await startHostileProvider(t)
    const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
    const text = token(provider)
    const result = await client.checkLogoutToken(text)
    assert.ok(!result.ok, name)
    assert.ok(result.detail.length > 3 && result.detail.length < 100, result.detail)
    assert.doesNotMatch(result.detail, /evil|mallory|eyJ/)
  })
}

test('SEC-44: refuses logout tokens whose key is none', async (t) => {
  const provider = await startHostileProvider(t)
  const { publicJwk } = provider.key
  for (const keys of [
    [{ ...publicJwk, y: publicJwk['x'] }],
    [{ ...publicJwk, x: 5 }],
    [{ kty: 'oct', k: 'c2VjcmV0', kid: 'key-1' }],
    [publicJwk, newKey().publicJwk],
  ]) {
    provider.bend('jwks', { body: { keys } })
    const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
    assert.equal((await client.checkLogoutToken(provider.logoutToken())).ok, false)
  }
})

test('SEC-19: a new key of the provider is fetched for its logout token', async (t) => {
  const provider = await startHostileProvider(t)
  const clock = { now: () => Date.now() + ahead }
  let ahead = 0
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  assert.ok((await client.checkLogoutToken(provider.logoutToken())).ok)
  const key = newKey('ES256', 'key-2')
  provider.bend('jwks', { body: { keys: [key.publicJwk] } })
  const token = signJwt(claimsOf(provider.logoutToken()), key, { typ: 'logout+jwt' })
  ahead = 6_000
  assert.ok((await client.checkLogoutToken(token)).ok)
  const before = provider.received.jwks.length
  const stranger = signJwt(claimsOf(provider.logoutToken()), newKey('ES256', 'key-3'))
  for (let count = 0; count < 5; count += 1) {
    assert.equal((await client.checkLogoutToken(stranger)).ok, false)
  }
  assert.ok(
    provider.received.jwks.length <= before + 1,
    'a flood of unknown keys costs one download',
  )
})

test('SEC-48: keys that cannot be had are an outage, not a refusal', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('jwks', { status: 503, body: '' })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  await assert.rejects(client.checkLogoutToken(provider.logoutToken()), (error) => {
    return error instanceof Unavailable && error.dependency === 'provider'
  })
})
