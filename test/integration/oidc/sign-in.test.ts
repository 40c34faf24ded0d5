import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import type { Session } from '../../../src/core/session.ts'
import { createLoginStates } from '../../../src/oidc/login-state.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { fakeClock } from '../../support/clock.ts'
import { oidcClient, type ClientUnderTest } from '../../support/oidc-client.ts'
import {
  alice,
  bob,
  signInAtProvider,
  startProvider,
  type ProviderUser,
  type RunningProvider,
} from '../../support/provider.ts'
import { createUserAgent, type UserAgent } from '../../support/user-agent.ts'

const redirectUri = 'http://app.example.localhost:4180/oauth2/callback'

const states = createLoginStates({
  options: {
    cookie_name: '_oauth2_proxy',
    cookie_secret: [new Secret('0123456789abcdef0123456789abcdef')],
    cookie_csrf_expire: 900_000,
  },
  clock: systemClock,
})

type Overrides = Parameters<typeof oidcClient>[1]

function confidential(provider: RunningProvider, overrides: Overrides = {}): ClientUnderTest {
  return oidcClient(
    { oidc_issuer_url: provider.issuer, client_id: provider.clientId },
    { clientSecret: () => provider.clientSecret, ...overrides },
  )
}

/** One sign-in up to the callback, and what redeems it. */
async function comeBack({ client }: ClientUnderTest, user?: ProviderUser, agent?: UserAgent) {
  const begun = states.begin({ redirect: '/app', attempt: 0 })
  const started = await client.authorizationUrl({ ...begun, redirectUri })
  assert.ok(started.ok)
  const callback = new URL(await signInAtProvider(started.url, user, agent))
  const { searchParams: params } = callback
  const state = params.get('state') ?? ''
  const matched = states.match(state, [begun.cookieValue])
  assert.ok(matched)
  assert.equal(matched.redirect, '/app')
  return () => client.exchange({ ...matched, state, params, redirectUri })
}

async function signIn(under: ClientUnderTest, user = alice, agent?: UserAgent): Promise<Session> {
  const exchange = await comeBack(under, user, agent)
  const result = await exchange()
  assert.ok(result.ok)
  const now = Date.now()
  const times = { createdAt: now, generation: 0, refreshedAt: now, activeAt: now, expiresAt: 0 }
  return { id: 'session-1', ...result, ...times, browser: { address: '', userAgent: '' } }
}

test('signs people in at a real provider', async (t) => {
  const provider = await startProvider(t)
  const under = confidential(provider)
  const session = await signIn(under)
  assert.deepEqual(session.identity, {
    user: alice.sub,
    email: 'alice@example.com',
    groups: ['admin', 'dev'],
    preferredUsername: 'alice',
  })
  assert.ok(session.tokens.refreshToken !== '')
  assert.ok(session.tokenExpiresAt > Date.now())
  const other = await signIn(under, bob)
  assert.equal(other.identity.email, 'bob@example.com')
  assert.deepEqual(under.calls, ['discovery ok', 'keys ok', 'token ok', 'token ok'])
})

test('a client without secret uses PKCE', async (t) => {
  const provider = await startProvider(t)
  const under = oidcClient(
    { oidc_issuer_url: provider.issuer, client_id: provider.publicClientId },
    { clientSecret: () => '' },
  )
  assert.equal((await signIn(under)).identity.user, alice.sub)
})

test('a client secret that rotates is read anew', async (t) => {
  const provider = await startProvider(t)
  let secret = 'wrong'
  const under = confidential(provider, { clientSecret: () => secret })
  const exchange = await comeBack(under)
  const refused = await exchange()
  assert.ok(!refused.ok)
  assert.equal(refused.failure, 'client-rejected')
  secret = provider.clientSecret
  assert.equal((await signIn(under)).identity.user, alice.sub)
})

test('a code is good once', async (t) => {
  const provider = await startProvider(t)
  const exchange = await comeBack(confidential(provider))
  assert.ok((await exchange()).ok)
  const again = await exchange()
  assert.ok(!again.ok)
  assert.equal(again.failure, 'code-rejected')
})

test('SEC-16: the code of one attempt is worth nothing with the verifier of another', async (t) => {
  const provider = await startProvider(t)
  const { client } = confidential(provider)
  const begun = states.begin({ redirect: '/', attempt: 0 })
  const started = await client.authorizationUrl({ ...begun, redirectUri })
  assert.ok(started.ok)
  const { searchParams: params } = new URL(await signInAtProvider(started.url))
  const { codeVerifier } = states.begin({ redirect: '/', attempt: 0 })
  const result = await client.exchange({ ...begun, codeVerifier, params, redirectUri })
  assert.ok(!result.ok)
  assert.equal(result.failure, 'code-rejected')
})

test('a wrong redirect URI is refused by the provider', async (t) => {
  const provider = await startProvider(t, { redirectUris: ['https://other.example/callback'] })
  const { client } = confidential(provider)
  const begun = states.begin({ redirect: '/', attempt: 0 })
  const started = await client.authorizationUrl({ ...begun, redirectUri })
  assert.ok(started.ok)
  await assert.rejects(signInAtProvider(started.url), /redirect_uri/)
})

test('who is signed in at the provider comes back without a form', async (t) => {
  const provider = await startProvider(t)
  const under = confidential(provider)
  const agent = createUserAgent()
  await signIn(under, alice, agent)
  const before = provider.requests.length
  await signIn(under, alice, agent)
  const visited = provider.requests.slice(before)
  assert.ok(!visited.some((request) => request.includes('/sign-in/')), visited.join(', '))
})

test('SEC-19: keeps working when the provider rotates its key', async (t) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const under = confidential(provider, { clock })
  await signIn(under)
  provider.rotateKeys()
  clock.advance(5000)
  await signIn(under)
})

test('SEC-19: a refresh is not lost when the key is newer than keys downloaded a moment ago', async (t) => {
  const provider = await startProvider(t)
  const { client } = confidential(provider, { clock: fakeClock(Date.now()) })
  const session = await signIn({ client, log: [], calls: [] })
  provider.rotateKeys()
  const first = await client.refresh(session)
  assert.ok(first.ok)
  // The new key is known now: nothing more is downloaded for it.
  const downloads = () => provider.requests.filter((request) => request === 'GET /jwks').length
  const before = downloads()
  assert.ok((await client.refresh({ ...session, tokens: first.tokens })).ok)
  assert.equal(downloads(), before)
})

test('SEC-22: refreshes with the newest refresh token; an old one ends the session', async (t) => {
  const provider = await startProvider(t)
  const { client } = confidential(provider)
  const session = await signIn({ client, log: [], calls: [] })
  const first = await client.refresh(session)
  assert.ok(first.ok)
  assert.notEqual(first.tokens.refreshToken, session.tokens.refreshToken)
  assert.deepEqual(first.identity, session.identity)
  const second = await client.refresh({ ...session, tokens: first.tokens })
  assert.ok(second.ok)
  const reused = await client.refresh(session)
  assert.ok(!reused.ok)
  assert.equal(reused.reason, 'rejected')
})

test('a revoked refresh token ends the session, an outage does not', async (t) => {
  const provider = await startProvider(t)
  const { client } = confidential(provider)
  const session = await signIn({ client, log: [], calls: [] })
  provider.setDown(true)
  await assert.rejects(client.refresh(session), Unavailable)
  provider.setDown(false)
  const { tokens } = await client.refresh(session).then((result) => {
    assert.ok(result.ok)
    return result
  })
  provider.revokeRefreshTokens()
  const refused = await client.refresh({ ...session, tokens })
  assert.ok(!refused.ok)
})

test('a provider that is not there is unavailable, not a failure', async (t) => {
  const provider = await startProvider(t)
  const { client } = confidential(provider)
  await provider.stop()
  const attempt = { ...states.begin({ redirect: '/', attempt: 0 }), redirectUri }
  await assert.rejects(client.authorizationUrl(attempt), {
    name: 'Unavailable',
    dependency: 'provider',
    message: /^discovery: http:\S+: .*ECONNREFUSED/,
  })
  assert.equal(await client.endSessionUrl({ idToken: '' }), undefined)
})

test('signs out at the provider and comes back', async (t) => {
  const provider = await startProvider(t)
  const under = confidential(provider)
  const agent = createUserAgent()
  const session = await signIn(under, alice, agent)
  const url = await under.client.endSessionUrl({
    idToken: session.tokens.idToken,
    postLogoutRedirectUri: 'http://app.example.localhost:4180/bye',
  })
  assert.ok(url !== undefined)
  const page = await agent.visit(url)
  const confirmation = await agent.request(formAction(page.body), {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ xsrf: hiddenSecret(page.body), logout: 'yes' }).toString(),
  })
  assert.equal(confirmation.headers.location, 'http://app.example.localhost:4180/bye')
  assert.equal((await under.client.refresh(session)).ok, false)
})

test('has no sign-out URL where the provider has none', async () => {
  const { client } = oidcClient({
    oidc_issuer_url: 'https://id.example.com',
    skip_oidc_discovery: true,
    login_url: 'https://id.example.com/a',
    redeem_url: 'https://id.example.com/t',
    oidc_jwks_url: 'https://id.example.com/k',
  })
  assert.equal(await client.endSessionUrl({ idToken: 'x' }), undefined)
})

function formAction(html: string): string {
  return /action="([^"]+)"/.exec(html)?.[1] ?? ''
}

function hiddenSecret(html: string): string {
  return /name="xsrf" value="([^"]+)"/.exec(html)?.[1] ?? ''
}
