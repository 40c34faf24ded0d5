import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import type { SignInFailure } from '../../../src/core/sign-in-failure.ts'
import {
  newKey,
  signJwt,
  startHostileProvider,
  type Answer,
  type HostileProvider,
} from '../../support/hostile-provider.ts'
import { oidcClient, patienceFor, redeem } from '../../support/oidc-client.ts'

const jwt = { 'content-type': 'application/jwt' }

async function thinProvider(t: Parameters<typeof startHostileProvider>[0]) {
  const provider = await startHostileProvider(t)
  const claims = { email: undefined, email_verified: undefined, groups: undefined }
  provider.bend('token', () => ({
    body: provider.tokens({ id_token: provider.idToken(claims) }),
  }))
  return provider
}

test('asks userinfo only for claims that the ID token lacks', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  provider.bend('userinfo', { body: provider.profile({ groups: ['admin'] }) })
  const full = await redeem(client, provider)
  assert.ok(full.ok)
  assert.deepEqual(full.identity.groups, ['dev'])
  assert.equal(provider.received.userinfo.length, 0)

  provider.bend('token', {
    body: provider.tokens({ id_token: provider.idToken({ groups: undefined }) }),
  })
  const filled = await redeem(client, provider)
  assert.ok(filled.ok)
  assert.deepEqual(filled.identity.groups, ['admin'])
  const [request] = provider.received.userinfo
  assert.equal(request?.headers.authorization, 'Bearer honest-access-token')
})

test('skip_claims_from_profile_url leaves userinfo alone', async (t) => {
  const provider = await thinProvider(t)
  const { client } = oidcClient({
    oidc_issuer_url: provider.issuer,
    skip_claims_from_profile_url: true,
  })
  const result = await redeem(client, provider)
  assert.ok(!result.ok)
  assert.equal(result.failure, 'email-missing')
  assert.equal(provider.received.userinfo.length, 0)
})

test('works with a provider that has no userinfo endpoint', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('discovery', { body: provider.metadata({ userinfo_endpoint: undefined }) })
  provider.bend('token', {
    body: provider.tokens({ id_token: provider.idToken({ groups: undefined }) }),
  })
  const result = await redeem(oidcClient({ oidc_issuer_url: provider.issuer }).client, provider)
  assert.ok(result.ok)
  assert.deepEqual(result.identity.groups, [])
})

const profiles: readonly {
  readonly name: string
  readonly outcome: 'ok' | 'unavailable' | SignInFailure
  readonly answer: (provider: HostileProvider) => Answer
}[] = [
  { name: 'JSON', outcome: 'ok', answer: (provider) => ({ body: provider.profile() }) },
  {
    name: 'a signed JWT',
    outcome: 'ok',
    answer: (provider) => ({ headers: jwt, body: signJwt(provider.profile(), provider.key) }),
  },
  {
    name: 'a JWT signed by someone else',
    outcome: 'token-invalid',
    answer: (provider) => ({ headers: jwt, body: signJwt(provider.profile(), newKey()) }),
  },
  {
    name: 'a JWT for another client',
    outcome: 'audience-mismatch',
    answer: (provider) => ({
      headers: jwt,
      body: signJwt(provider.profile({ aud: 'other' }), provider.key),
    }),
  },
  {
    name: 'another sub',
    outcome: 'claims-invalid',
    answer: (provider) => ({ body: provider.profile({ sub: 'alice' }) }),
  },
  {
    name: 'no sub',
    outcome: 'token-invalid',
    answer: (provider) => ({ body: provider.profile({ sub: undefined }) }),
  },
  {
    name: 'an unverified email',
    outcome: 'email-unverified',
    answer: (provider) => ({ body: provider.profile({ email_verified: false }) }),
  },
  {
    name: 'no email',
    outcome: 'email-missing',
    answer: (provider) => ({ body: provider.profile({ email: undefined }) }),
  },
  {
    name: 'a line break in a group',
    outcome: 'claims-invalid',
    answer: (provider) => ({ body: provider.profile({ groups: ['dev', 'a\nb'] }) }),
  },
  { name: 'a list', outcome: 'token-invalid', answer: () => ({ body: [] }) },
  { name: 'status 500', outcome: 'unavailable', answer: () => ({ status: 500 }) },
  { name: 'status 403', outcome: 'unavailable', answer: () => ({ status: 403, body: {} }) },
  {
    name: 'a challenge',
    outcome: 'unavailable',
    answer: () => ({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      body: {},
    }),
  },
  { name: 'HTML', outcome: 'unavailable', answer: () => ({ body: '<h1>Hello</h1>' }) },
  {
    name: 'a redirect',
    outcome: 'unavailable',
    answer: () => ({ status: 302, headers: { location: 'https://evil.example/' } }),
  },
  { name: 'nothing', outcome: 'unavailable', answer: () => 'hang' },
]

test('SEC-12, SEC-20: believes userinfo only of the same person, and waits for it', async (t) => {
  const provider = await thinProvider(t)
  for (const { name, outcome, answer } of profiles) {
    await t.test(`userinfo answers ${name}`, async () => {
      provider.bend('userinfo', () => answer(provider))
      const provider_timeout = patienceFor(answer(provider))
      const options = { oidc_issuer_url: provider.issuer, provider_timeout }
      const { client } = oidcClient(options)
      const result = await redeem(client, provider).catch((error: unknown) => {
        assert.ok(error instanceof Unavailable)
        return { ok: false, failure: 'unavailable', detail: error.message } as const
      })
      assert.equal(result.ok ? 'ok' : result.failure, outcome)
      if (result.ok) assert.deepEqual(result.identity.groups, ['dev'])
      else assert.doesNotMatch(result.detail, /eyJ|honest-|<h1>/)
    })
  }
})

const callbacks: readonly {
  readonly name: string
  readonly failure: SignInFailure
  readonly detail: RegExp
  readonly params: Readonly<Record<string, string>>
}[] = [
  {
    name: 'access_denied',
    failure: 'access-denied',
    detail: /^access_denied$/,
    params: { error: 'access_denied' },
  },
  {
    name: 'another error with a description in HTML',
    failure: 'provider-error',
    detail: /^server_error: try later$/,
    params: { error: 'server_error', error_description: 'try\r\nlater' },
  },
  {
    name: 'the iss of another provider',
    failure: 'issuer-mismatch',
    detail: /iss/,
    params: { code: 'any', iss: 'https://evil.example' },
  },
  {
    name: 'no code',
    failure: 'token-invalid',
    detail: /no authorization code/,
    params: {},
  },
]

test('SEC-17, SEC-26: reads the authorization response before anything is sent', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  for (const { name, failure, detail, params } of callbacks) {
    await t.test(`the callback has ${name}`, async () => {
      const result = await redeem(client, provider, params)
      assert.ok(!result.ok)
      assert.equal(result.failure, failure)
      assert.match(result.detail, detail)
    })
  }
  assert.equal(provider.received.token.length, 0)
})

test('SEC-17: iss must be there when the provider announces it (RFC 9207)', async (t) => {
  const provider = await startHostileProvider(t)
  provider.bend('discovery', {
    body: provider.metadata({ authorization_response_iss_parameter_supported: true }),
  })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const without = await redeem(client, provider)
  assert.ok(!without.ok)
  assert.equal(without.failure, 'issuer-mismatch')
  assert.equal(provider.received.token.length, 0)
  assert.ok((await redeem(client, provider, { code: 'any', iss: provider.issuer })).ok)
})
