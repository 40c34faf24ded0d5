import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { idTokenFault } from '../../../src/oidc/id-token.ts'

const accessToken = 'jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y'
const now = Date.UTC(2026, 0, 1)

function faultOf(alg: string, claims: Readonly<Record<string, unknown>>) {
  const header = Buffer.from(JSON.stringify({ alg })).toString('base64url')
  const tokens = { accessToken, idToken: `${header}.e30.`, refreshToken: '' }
  return idTokenFault(tokens, { iat: now / 1000, ...claims }, now)?.failure
}

function leftHash(hash: string): string {
  const digest = createHash(hash).update(accessToken).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

test('SEC-18: checks at_hash by the algorithm of the signature', () => {
  // OpenID Connect Core A.3.
  assert.equal(faultOf('RS256', { at_hash: '77QmUPtjPfzWtF2AnpK9RQ' }), undefined)
  const hashes = {
    PS256: 'sha256',
    ES384: 'sha384',
    RS512: 'sha512',
    EdDSA: 'sha512',
    Ed25519: 'sha512',
  }
  for (const [alg, hash] of Object.entries(hashes)) {
    assert.equal(faultOf(alg, { at_hash: leftHash(hash) }), undefined, alg)
    assert.equal(faultOf(alg, { at_hash: leftHash('sha1') }), 'token-invalid', alg)
  }
  for (const at_hash of ['', null, 1, []])
    assert.equal(faultOf('RS256', { at_hash }), 'token-invalid')
  assert.equal(faultOf('RS256', {}), undefined)
})

test('SEC-51: five minutes of difference between the clocks are fine', () => {
  assert.equal(faultOf('RS256', { iat: now / 1000 + 300 }), undefined)
  assert.equal(faultOf('RS256', { iat: now / 1000 + 301 }), 'clock-skew')
})
