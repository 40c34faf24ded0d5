import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import type { SignInFailure } from '../../../src/core/sign-in-failure.ts'
import {
  leftHash,
  newKey,
  nowSeconds,
  signJwt,
  startHostileProvider,
  type Answer,
  type Claims,
  type HostileProvider,
} from '../../support/hostile-provider.ts'
import { oidcClient, patienceFor, redeem } from '../../support/oidc-client.ts'

const unsigned = (claims: Claims): string =>
  [{ alg: 'none' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.') + '.'

/** The public key as if it were a shared secret (RFC 8725 2.1). */
function hmacWithPublicKey(provider: HostileProvider): string {
  const header = { alg: 'HS256', kid: provider.key.kid }
  const input = [header, provider.idTokenClaims()]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const secret = JSON.stringify(provider.key.publicJwk)
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

interface Case {
  readonly name: string
  readonly failure: SignInFailure
  readonly idToken: (provider: HostileProvider) => string
}

const idTokens: readonly Case[] = [
  {
    name: 'of another client',
    failure: 'audience-mismatch',
    idToken: (provider) => provider.idToken({ aud: 'other' }),
  },
  {
    name: 'for us and others, issued to another',
    failure: 'audience-mismatch',
    idToken: (provider) => provider.idToken({ aud: ['sallyport', 'other'], azp: 'other' }),
  },
  {
    name: 'for us and others, issued to nobody',
    failure: 'audience-mismatch',
    idToken: (provider) => provider.idToken({ aud: ['sallyport', 'other'] }),
  },
  {
    name: 'without audience',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ aud: undefined }),
  },
  {
    name: 'of another issuer',
    failure: 'issuer-mismatch',
    idToken: (provider) => provider.idToken({ iss: 'https://evil.example' }),
  },
  {
    name: 'that expired',
    failure: 'clock-skew',
    idToken: (provider) => provider.idToken({ exp: nowSeconds() - 600 }),
  },
  {
    name: 'that never expires',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ exp: undefined }),
  },
  {
    name: 'issued in the future',
    failure: 'clock-skew',
    idToken: (provider) => provider.idToken({ iat: nowSeconds() + 600 }),
  },
  {
    name: 'good only in the future',
    failure: 'clock-skew',
    idToken: (provider) => provider.idToken({ nbf: nowSeconds() + 600 }),
  },
  {
    name: 'with a text for a time',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ exp: 'tomorrow' }),
  },
  {
    name: 'with the nonce of another attempt',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ nonce: 'other' }),
  },
  {
    name: 'without nonce',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ nonce: undefined }),
  },
  {
    name: 'of another access token',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ at_hash: leftHash('other') }),
  },
  {
    name: 'with alg none',
    failure: 'token-invalid',
    idToken: (provider) => unsigned(provider.idTokenClaims()),
  },
  { name: 'with an HMAC', failure: 'token-invalid', idToken: hmacWithPublicKey },
  {
    name: 'with an algorithm that the key is not for',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({}, { alg: 'PS256' }),
  },
  {
    name: 'signed by another key of the same name',
    failure: 'token-invalid',
    idToken: (provider) => signJwt(provider.idTokenClaims(), newKey()),
  },
  {
    name: 'with a signature cut short',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken().slice(0, -8),
  },
  {
    name: 'with a signature that is no base64',
    failure: 'token-invalid',
    idToken: (provider) => `${provider.idToken()}!*`,
  },
  {
    name: 'with a critical header',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({}, { crit: ['b64'], b64: true }),
  },
  {
    name: 'that is nested',
    failure: 'token-invalid',
    idToken: (provider) => signJwt(`"${provider.idToken()}"`, provider.key, { cty: 'JWT' }),
  },
  {
    name: 'that is encrypted',
    failure: 'token-invalid',
    idToken: () => 'eyJhbGciOiJkaXIifQ..a.b.c',
  },
  { name: 'that is no JWT', failure: 'token-invalid', idToken: () => 'not-a-jwt' },
  {
    name: 'whose payload is no object',
    failure: 'token-invalid',
    idToken: ({ key }) => signJwt('[]', key),
  },
  {
    name: 'whose payload is no JSON',
    failure: 'token-invalid',
    idToken: ({ key }) => signJwt('{', key),
  },
  {
    name: 'without sub',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ sub: undefined }),
  },
  {
    name: 'with an empty sub',
    failure: 'claims-invalid',
    idToken: (provider) => provider.idToken({ sub: '' }),
  },
  {
    name: 'with a number for sub',
    failure: 'token-invalid',
    idToken: (provider) => provider.idToken({ sub: 248289761001 }),
  },
  {
    name: 'with a sub of 10 kB',
    failure: 'claims-invalid',
    idToken: (provider) => provider.idToken({ sub: 'x'.repeat(10_000) }),
  },
  {
    name: 'with a line break in sub',
    failure: 'claims-invalid',
    idToken: (provider) => provider.idToken({ sub: 'a\r\nX-Admin: 1' }),
  },
  {
    name: 'with a NUL in the email',
    failure: 'claims-invalid',
    idToken: (provider) => provider.idToken({ email: 'a\0@example.com' }),
  },
]

test('SEC-18, SEC-45, SEC-46: refuses an ID token that lies', async (t) => {
  const provider = await startHostileProvider(t)
  const algorithms = ['none', 'HS256', 'PS256', 'RS256', 'ES256']
  provider.bend('discovery', {
    body: provider.metadata({ id_token_signing_alg_values_supported: algorithms }),
  })
  for (const { name, failure, idToken } of idTokens) {
    await t.test(`an ID token ${name}`, async () => {
      provider.bend('token', () => ({ body: provider.tokens({ id_token: idToken(provider) }) }))
      const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
      const result = await redeem(client, provider)
      assert.ok(!result.ok)
      assert.equal(result.failure, failure, result.detail)
      assertNothingLeaks(result.detail, provider)
    })
  }
})

test('SEC-45: the last of doubled claims counts, for us as for everyone', async (t) => {
  const provider = await startHostileProvider(t)
  const claims = JSON.stringify(provider.idTokenClaims())
  const doubled = `{"aud":"other",${claims.slice(1)}`
  provider.bend('token', { body: provider.tokens({ id_token: signJwt(doubled, provider.key) }) })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  assert.ok((await redeem(client, provider)).ok)
})

test('SEC-18: only the algorithms that are configured and announced', async (t) => {
  const provider = await startHostileProvider(t, newKey('RS256'))
  const attempt = async (oidc_enabled_signing_algs: readonly string[]) => {
    const options = { oidc_issuer_url: provider.issuer, oidc_enabled_signing_algs }
    return (await redeem(oidcClient(options).client, provider)).ok
  }
  assert.equal(await attempt([]), true)
  assert.equal(await attempt(['ES256', 'RS256']), true)
  assert.equal(await attempt(['ES256']), false)
  provider.bend('discovery', {
    body: provider.metadata({ id_token_signing_alg_values_supported: ['ES256'] }),
  })
  assert.equal(await attempt(['RS256']), false)
})

const answers: readonly {
  readonly name: string
  readonly failure: SignInFailure | 'unavailable'
  readonly answer: (provider: HostileProvider) => Answer
}[] = [
  {
    name: 'without ID token',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ id_token: undefined }) }),
  },
  {
    name: 'with a number for the ID token',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ id_token: 1 }) }),
  },
  {
    name: 'without access token',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ access_token: undefined }) }),
  },
  {
    name: 'with an object for the refresh token',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ refresh_token: {} }) }),
  },
  {
    name: 'with a strange token type',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ token_type: 'mac' }) }),
  },
  {
    name: 'without token type',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ token_type: undefined }) }),
  },
  {
    name: 'that expires before it begins',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ expires_in: -1 }) }),
  },
  {
    name: 'that expires some day',
    failure: 'token-invalid',
    answer: (provider) => ({ body: provider.tokens({ expires_in: 'soon' }) }),
  },
  { name: 'that is a list', failure: 'token-invalid', answer: () => ({ body: [] }) },
  {
    name: 'invalid_client',
    failure: 'client-rejected',
    answer: () => ({ status: 400, body: { error: 'invalid_client' } }),
  },
  {
    name: 'invalid_client with a challenge (RFC 6749 5.2)',
    failure: 'client-rejected',
    answer: () => ({
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="op"' },
      body: { error: 'invalid_client' },
    }),
  },
  {
    name: 'unauthorized_client',
    failure: 'client-rejected',
    answer: () => ({ status: 400, body: { error: 'unauthorized_client' } }),
  },
  {
    name: 'invalid_grant',
    failure: 'code-rejected',
    answer: () => ({ status: 400, body: { error: 'invalid_grant' } }),
  },
  {
    name: 'any other error',
    failure: 'provider-error',
    answer: () => ({ status: 400, body: { error: 'invalid_request' } }),
  },
  {
    name: 'temporarily_unavailable',
    failure: 'unavailable',
    answer: () => ({ status: 400, body: { error: 'temporarily_unavailable' } }),
  },
  { name: 'status 500', failure: 'unavailable', answer: () => ({ status: 500, body: {} }) },
  {
    name: 'status 429',
    failure: 'unavailable',
    answer: () => ({ status: 429, headers: { 'retry-after': '1000000000' }, body: {} }),
  },
  {
    name: 'a redirect',
    failure: 'unavailable',
    answer: () => ({ status: 307, headers: { location: 'https://evil.example/token' } }),
  },
  {
    name: 'HTML with status 200',
    failure: 'unavailable',
    answer: () => ({ headers: { 'content-type': 'text/html' }, body: '<h1>Welcome</h1>' }),
  },
  {
    name: 'HTML with status 400',
    failure: 'unavailable',
    answer: () => ({ status: 400, headers: { 'content-type': 'text/html' }, body: '<h1>No</h1>' }),
  },
  {
    name: 'an error of an unknown shape',
    failure: 'unavailable',
    answer: () => ({ status: 404, body: { message: 'no route' } }),
  },
  {
    name: 'an error that calls itself text',
    failure: 'unavailable',
    answer: () => ({ status: 400, headers: { 'content-type': 'text/plain' }, body: {} }),
  },
  {
    name: '2 MiB',
    failure: 'unavailable',
    answer: (provider) => ({ body: provider.tokens({ padding: 'x'.repeat(2 << 20) }) }),
  },
  { name: 'nothing', failure: 'unavailable', answer: () => 'hang' },
  { name: 'a byte now and then', failure: 'unavailable', answer: () => 'drip' },
]

test('SEC-21, SEC-45: maps every answer of the token endpoint to a closed list', async (t) => {
  const provider = await startHostileProvider(t)
  for (const { name, failure, answer } of answers) {
    await t.test(`a token answer: ${name}`, async () => {
      provider.bend('token', () => answer(provider))
      const provider_timeout = patienceFor(answer(provider))
      const { client } = oidcClient({ oidc_issuer_url: provider.issuer, provider_timeout })
      const outcome = await redeem(client, provider).catch((error: unknown) => {
        assert.ok(error instanceof Unavailable)
        return { ok: false, failure: 'unavailable', detail: error.message } as const
      })
      assert.ok(!outcome.ok)
      assert.equal(outcome.failure, failure, outcome.detail)
      assertNothingLeaks(outcome.detail, provider)
    })
  }
})

test('SEC-45: bounds the lifetime of the access token', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const expiry = async (expires_in: unknown): Promise<number> => {
    provider.bend('token', { body: provider.tokens({ expires_in }) })
    const result = await redeem(client, provider)
    assert.ok(result.ok)
    return result.tokenExpiresAt
  }
  assert.equal(await expiry(undefined), 0)
  assert.equal(await expiry(0), 0)
  const inAnHour = await expiry('3600')
  assert.ok(Math.abs(inAnHour - Date.now() - 3_600_000) < 60_000)
  const longest = await expiry(1e300)
  assert.ok(Number.isSafeInteger(longest))
})

test('SEC-51: a clock that is off by minutes works, and the log names the difference', async (t) => {
  const provider = await startHostileProvider(t)
  const { client, log } = oidcClient({ oidc_issuer_url: provider.issuer })
  const skews = async (seconds: number): Promise<unknown[]> => {
    const iat = nowSeconds() + seconds
    const claims = { iat, nbf: iat, exp: iat + 60 }
    provider.bend('token', { body: provider.tokens({ id_token: provider.idToken(claims) }) })
    const before = log.length
    assert.ok((await redeem(client, provider)).ok)
    return log.slice(before).map(({ event }) => event)
  }
  await skews(0)
  assert.deepEqual(await skews(30), [])
  assert.deepEqual(await skews(280), ['clock of the provider differs'])
  assert.deepEqual(await skews(-280), ['clock of the provider differs'])
  assert.ok(Math.abs(Number(log.at(-1)?.fields['aheadSeconds']) + 280) < 5)
})

test('SEC-21: what a provider quotes of a token or code stays out of the log', async (t) => {
  const provider = await startHostileProvider(t)
  const code = 'SplxlOBeZQQYbYS6WxSbIA-and-more-of-it'
  provider.bend('token', {
    status: 400,
    body: { error: 'invalid_grant', error_description: `code ${code}\r\nwas used <b>before</b>` },
  })
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
  const result = await redeem(client, provider, { code })
  assert.deepEqual(result, {
    ok: false,
    failure: 'code-rejected',
    detail: 'invalid_grant: code [...] was used <b>before</b>',
  })
})

test('SEC-21: the client secret goes into the header, never into a URL', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient(
    { oidc_issuer_url: provider.issuer },
    { clientSecret: () => 'p-s_t.x y+' },
  )
  assert.ok((await redeem(client, provider)).ok)
  const [request] = provider.received.token
  assert.equal(request?.url, '/token')
  const [, credentials = ''] = request?.headers.authorization?.split(' ') ?? []
  assert.equal(Buffer.from(credentials, 'base64').toString(), 'sallyport:p-s_t.x+y%2B')
  assert.equal(request?.form.has('client_secret'), false)
})

/** No token, no secret, and no payload of one in what goes to the log. */
function assertNothingLeaks(detail: string, { key }: HostileProvider): void {
  const secrets = ['eyJ', 'honest-', 'secret', key.kid, '<h1>', 'X-Admin']
  for (const secret of secrets) assert.ok(!detail.includes(secret), `${secret} in: ${detail}`)
}
