import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthorization, type AuthorizationOptions } from '../../../src/oidc/authorization.ts'

const defaults: AuthorizationOptions = {
  scope: '',
  allowed_groups: [],
  prompt: '',
  approval_prompt: 'force',
  acr_values: '',
  code_challenge_method: '',
  force_code_challenge_method: '',
}

const attempt = {
  redirectUri: 'https://app.example.com/oauth2/callback',
  state: 'the-state',
  nonce: 'the-nonce',
  codeVerifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
}

async function parameters(
  options: Partial<AuthorizationOptions> = {},
  metadata: Readonly<Record<string, unknown>> = {},
  secret = 'secret',
): Promise<Record<string, string>> {
  const authorization = createAuthorization({
    options: { ...defaults, ...options },
    clientSecret: () => secret,
  })
  const issuer = 'https://id.example.com'
  const query = await authorization.parameters(attempt, { issuer, ...metadata })
  return Object.fromEntries(query)
}

test('asks for what oauth2-proxy asks for, and a nonce', async () => {
  assert.deepEqual(await parameters(), {
    redirect_uri: 'https://app.example.com/oauth2/callback',
    scope: 'openid email profile',
    state: 'the-state',
    nonce: 'the-nonce',
    approval_prompt: 'force',
  })
})

test('adds groups to the default scope when groups are limited and the provider has the scope', async () => {
  const scopeOf = async (
    options: Partial<AuthorizationOptions>,
    scopes_supported?: unknown,
  ): Promise<string | undefined> => (await parameters(options, { scopes_supported }))['scope']
  const withGroups = 'openid email profile groups'
  const limited = { allowed_groups: ['admin'] }
  assert.equal(await scopeOf(limited), withGroups)
  assert.equal(await scopeOf(limited, ['openid', 'groups']), withGroups)
  assert.equal(await scopeOf(limited, ['openid', 'email']), 'openid email profile')
  assert.equal(await scopeOf(limited, 'groups'), 'openid email profile')
  assert.equal(await scopeOf({ allowed_groups: [''] }), 'openid email profile')
  assert.equal(await scopeOf({ ...limited, scope: 'openid x' }), 'openid x')
})

test('prompt takes the place of approval_prompt', async () => {
  const query = await parameters({ prompt: 'select_account', acr_values: 'mfa' })
  assert.equal(query['prompt'], 'select_account')
  assert.equal(query['approval_prompt'], undefined)
  assert.equal(query['acr_values'], 'mfa')
  assert.equal((await parameters({ approval_prompt: '' }))['approval_prompt'], undefined)
})

test('uses PKCE where it can be had, and always without a secret', async () => {
  const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
  const challengeOf = async (...args: Parameters<typeof parameters>) => {
    const query = await parameters(...args)
    return [query['code_challenge'], query['code_challenge_method']]
  }
  const used = [challenge, 'S256']
  const unused = [undefined, undefined]
  assert.deepEqual(await challengeOf({}, { code_challenge_methods_supported: ['S256'] }), used)
  assert.deepEqual(await challengeOf({}, { code_challenge_methods_supported: ['plain'] }), unused)
  assert.deepEqual(await challengeOf({}, { code_challenge_methods_supported: 'S256' }), unused)
  assert.deepEqual(await challengeOf({ code_challenge_method: 'S256' }), used)
  assert.deepEqual(await challengeOf({ force_code_challenge_method: 'S256' }), used)
  assert.deepEqual(await challengeOf({}, {}, ''), used)
  assert.deepEqual(await challengeOf(), unused)
})

test('asks Google for a refresh token, and nobody else in its way', async () => {
  assert.equal((await parameters({ provider: 'google' }))['access_type'], 'offline')
  assert.equal((await parameters({ provider: 'oidc' }))['access_type'], undefined)
})
