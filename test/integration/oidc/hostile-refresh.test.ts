import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import type { Session } from '../../../src/core/session.ts'
import {
  hostileSubject,
  leftHash,
  nowSeconds,
  startHostileProvider,
  type Answer,
  type Claims,
  type HostileProvider,
} from '../../support/hostile-provider.ts'
import { oidcClient, patienceFor } from '../../support/oidc-client.ts'

function sessionOf(provider: HostileProvider, claims: Claims = {}): Session {
  const now = Date.now()
  return {
    id: 'session-1',
    identity: {
      user: hostileSubject,
      email: 'mallory@example.com',
      groups: ['dev'],
      preferredUsername: 'mallory',
    },
    tokens: {
      accessToken: 'old-access-token',
      idToken: provider.idToken({ auth_time: nowSeconds() - 7200, ...claims }),
      refreshToken: 'old-refresh-token',
    },
    providerSid: '',
    browser: { address: '', userAgent: '' },
    createdAt: now,
    generation: 0,
    refreshedAt: now,
    activeAt: now,
    expiresAt: 0,
    tokenExpiresAt: now,
    idTokenExpiresAt: 0,
  }
}

/** A refresh answer: the honest one has no nonce (OpenID Connect Core 12.2). */
function refreshed(provider: HostileProvider, idToken: Claims = {}, tokens: Claims = {}): Answer {
  const claims = { nonce: undefined, auth_time: nowSeconds() - 7200, ...idToken }
  return { body: provider.tokens({ id_token: provider.idToken(claims), ...tokens }) }
}

test('takes new tokens and a new identity', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('token', refreshed(provider, { groups: ['dev', 'admin'] }))
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const result = await client.refresh(sessionOf(provider))
  assert.ok(result.ok)
  assert.deepEqual(result.identity?.groups, ['dev', 'admin'])
  assert.equal(result.tokens.accessToken, 'honest-access-token')
  assert.equal(result.tokens.refreshToken, 'honest-refresh-token')
  assert.ok(result.tokenExpiresAt > Date.now())
  const [request] = provider.received.token
  assert.equal(request?.form.get('grant_type'), 'refresh_token')
  assert.equal(request?.form.get('refresh_token'), 'old-refresh-token')
})

test('keeps what the answer leaves out', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('token', { body: { access_token: 'new', token_type: 'Bearer' } })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const session = sessionOf(provider)
  assert.deepEqual(await client.refresh(session), {
    ok: true,
    tokens: { ...session.tokens, accessToken: 'new' },
    tokenExpiresAt: 0,
    idTokenExpiresAt: 0,
  })
})

const outcomes: readonly {
  readonly name: string
  readonly outcome: 'rejected' | 'unavailable'
  readonly answer: (provider: HostileProvider) => Answer
}[] = [
  {
    name: 'invalid_grant: revoked, expired or used before',
    outcome: 'rejected',
    answer: () => ({ status: 400, body: { error: 'invalid_grant' } }),
  },
  {
    name: 'the ID token of another person',
    outcome: 'rejected',
    answer: (provider) => refreshed(provider, { sub: 'alice' }),
  },
  {
    name: 'an ID token of another issuer',
    outcome: 'rejected',
    answer: (provider) => refreshed(provider, { iss: 'https://evil.example' }),
  },
  {
    name: 'an ID token of an older sign-in',
    outcome: 'rejected',
    answer: (provider) => refreshed(provider, { auth_time: nowSeconds() - 9000 }),
  },
  {
    name: 'an email that is no longer verified',
    outcome: 'rejected',
    answer: (provider) => refreshed(provider, { email_verified: false }),
  },
  {
    name: 'a group that splits a header',
    outcome: 'rejected',
    answer: (provider) => refreshed(provider, { groups: ['a\r\nb'] }),
  },
  {
    name: 'invalid_client',
    outcome: 'unavailable',
    answer: () => ({ status: 401, body: { error: 'invalid_client' } }),
  },
  {
    name: 'an ID token of another access token',
    outcome: 'unavailable',
    answer: (provider) => refreshed(provider, { at_hash: leftHash('other') }),
  },
  {
    name: 'no access token',
    outcome: 'unavailable',
    answer: (provider) => refreshed(provider, {}, { access_token: undefined }),
  },
  {
    name: 'status 429 for thirty years',
    outcome: 'unavailable',
    answer: () => ({ status: 429, headers: { 'retry-after': '1000000000' } }),
  },
  { name: 'status 503', outcome: 'unavailable', answer: () => ({ status: 503 }) },
  { name: 'HTML', outcome: 'unavailable', answer: () => ({ body: '<h1>Hello</h1>' }) },
  { name: 'nothing', outcome: 'unavailable', answer: () => 'hang' },
]

test('SEC-14, SEC-22, SEC-47: only a clear no ends the session', async (t) => {
  const provider = await startHostileProvider(t)
  for (const { name, outcome, answer } of outcomes) {
    await t.test(`a refresh answer: ${name}`, async () => {
      provider.bend('token', () => answer(provider))
      const provider_timeout = patienceFor(answer(provider))
      const options = { oidc_issuer_url: provider.issuer, provider_timeout }
      const { client } = oidcClient(options)
      const result = await client.refresh(sessionOf(provider)).catch((error: unknown) => {
        assert.ok(error instanceof Unavailable)
        return { ok: false, reason: 'unavailable', detail: error.message } as const
      })
      assert.ok(!result.ok)
      assert.equal(result.reason, outcome, result.detail)
      assert.doesNotMatch(result.detail, /eyJ|honest-|old-|<h1>/)
    })
  }
})

test('an outage says when to come back, and whether an operator has to act', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const date = 'Fri, 27 Nov 2026 22:00:00 GMT'
  for (const [answer, retryAfterMs, isClientRejected] of [
    [{ status: 429, headers: { 'retry-after': '7' } }, 7_000, false],
    [{ status: 503, headers: { 'retry-after': '0' } }, 0, false],
    [
      { status: 429, headers: { 'retry-after': 'Fri, 27 Nov 2026 22:00:30 GMT', date } },
      30_000,
      false,
    ],
    [{ status: 503, headers: { 'retry-after': date, date } }, 0, false],
    [{ status: 429 }, 10_000, false],
    [{ status: 429, headers: { 'retry-after': 'soon' } }, 10_000, false],
    [{ status: 503 }, undefined, false],
    [{ status: 401, body: { error: 'invalid_client' } }, undefined, true],
    [{ status: 400, body: { error: 'unauthorized_client' } }, undefined, true],
    [{ status: 400, body: { error: 'invalid_scope' } }, undefined, false],
  ] as const) {
    provider.bend('token', answer)
    await assert.rejects(client.refresh(sessionOf(provider)), (error) => {
      assert.ok(error instanceof Unavailable)
      assert.equal(error.retryAfterMs, retryAfterMs, JSON.stringify(answer))
      assert.equal(error.isClientRejected, isClientRejected, JSON.stringify(answer))
      return true
    })
  }
})

test('SEC-22: the session of another issuer is not refreshed into ours', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('token', refreshed(provider))
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const result = await client.refresh(sessionOf(provider, { iss: 'https://previous.example' }))
  assert.ok(!result.ok)
})

test('SEC-22: new tokens are not lost when userinfo is down; what was known stays', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('token', refreshed(provider, { groups: undefined }))
  provider.bend('userinfo', { status: 503 })
  const { client, log } = oidcClient({ oidc_issuer_url: provider.issuer })
  const result = await client.refresh(sessionOf(provider))
  assert.ok(result.ok)
  assert.equal(result.identity, undefined)
  assert.equal(result.tokens.refreshToken, 'honest-refresh-token')
  assert.equal(log.at(-1)?.event, 'identity not refreshed')
})

test('SEC-22: the refresh token is not spent while there are no keys to check the answer', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('jwks', { status: 503 })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  await assert.rejects(client.refresh(sessionOf(provider)), Unavailable)
  assert.equal(provider.received.token.length, 0)
})

test('SEC-47: a thin ID token changes nothing, fewer groups do', async (t) => {
  const provider = await startHostileProvider(t)
  const thin = { email: undefined, email_verified: undefined, groups: undefined }
  provider.bend('token', refreshed(provider, thin))
  provider.bend('discovery', { body: provider.metadata({ userinfo_endpoint: undefined }) })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const kept = await client.refresh(sessionOf(provider))
  assert.ok(kept.ok)
  assert.equal(kept.identity, undefined)

  provider.bend('token', refreshed(provider, { groups: [] }))
  const fewer = await client.refresh(sessionOf(provider))
  assert.ok(fewer.ok)
  assert.deepEqual(fewer.identity?.groups, [])
})

test('a session of a mistyped issuer is kept', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('discovery', { body: provider.metadata({ issuer: 'https://evil.example' }) })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  await assert.rejects(client.refresh(sessionOf(provider)), Unavailable)
})
