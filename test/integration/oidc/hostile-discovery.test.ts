import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import type { OidcClient } from '../../../src/oidc/client.ts'
import { fakeClock } from '../../support/clock.ts'
import {
  startHostileProvider,
  type Answer,
  type HostileProvider,
} from '../../support/hostile-provider.ts'
import { oidcClient, patienceFor, redeem } from '../../support/oidc-client.ts'

const attempt = {
  redirectUri: 'https://app.example.com/oauth2/callback',
  state: 'the-state',
  nonce: 'the-nonce',
  codeVerifier: 'v'.repeat(43),
}

/** `url`, the failure, or `unavailable`. */
async function outcomeOf(client: OidcClient): Promise<string> {
  try {
    const result = await client.authorizationUrl(attempt)
    return result.ok ? 'url' : result.failure
  } catch (error) {
    assert.ok(error instanceof Unavailable)
    assert.equal(error.dependency, 'provider')
    return 'unavailable'
  }
}

const lies: readonly {
  readonly name: string
  readonly outcome: string
  readonly cause: RegExp
  readonly answer: (provider: HostileProvider) => Answer
}[] = [
  {
    name: 'another issuer',
    outcome: 'issuer-mismatch',
    cause: /^oidc_issuer_url is http:\S+, the provider says https:\/\/evil\.example$/,
    answer: (provider) => ({ body: provider.metadata({ issuer: 'https://evil.example' }) }),
  },
  {
    name: 'the issuer with a slash more',
    outcome: 'issuer-mismatch',
    cause: /the provider says http:\S+\/$/,
    answer: (provider) => ({ body: provider.metadata({ issuer: `${provider.issuer}/` }) }),
  },
  {
    name: 'no issuer',
    outcome: 'unavailable',
    cause: /"issuer" property must be a string/,
    answer: (provider) => ({ body: provider.metadata({ issuer: undefined }) }),
  },
  {
    name: 'no authorization endpoint',
    outcome: 'unavailable',
    cause: /authorization_endpoint is missing/,
    answer: (provider) => ({ body: provider.metadata({ authorization_endpoint: undefined }) }),
  },
  {
    name: 'a number for the token endpoint',
    outcome: 'unavailable',
    cause: /token_endpoint is missing/,
    answer: (provider) => ({ body: provider.metadata({ token_endpoint: 1 }) }),
  },
  {
    name: 'a relative key set',
    outcome: 'unavailable',
    cause: /jwks_uri is missing/,
    answer: (provider) => ({ body: provider.metadata({ jwks_uri: '/jwks' }) }),
  },
  {
    name: 'a redirect',
    outcome: 'unavailable',
    cause: /status 302/,
    answer: () => ({ status: 302, headers: { location: 'https://evil.example/' } }),
  },
  {
    name: 'status 404 with JSON',
    outcome: 'unavailable',
    cause: /status 404/,
    answer: () => ({ status: 404, body: {} }),
  },
  {
    name: 'status 503',
    outcome: 'unavailable',
    cause: /status 503/,
    answer: () => ({ status: 503 }),
  },
  {
    name: '10 MB',
    outcome: 'unavailable',
    cause: /more than 1048576 bytes/,
    answer: (provider) => ({ body: provider.metadata({ padding: 'x'.repeat(10_000_000) }) }),
  },
  {
    name: 'invalid JSON',
    outcome: 'unavailable',
    cause: /status 200, the body is not JSON$/,
    answer: () => ({ body: '{"issuer":' }),
  },
  {
    name: 'a JSON array',
    outcome: 'unavailable',
    cause: /must be a top level object/,
    answer: () => ({ body: [] }),
  },
  { name: 'nothing', outcome: 'unavailable', cause: /timeout/, answer: () => 'hang' },
  { name: 'a byte now and then', outcome: 'unavailable', cause: /timeout/, answer: () => 'drip' },
]

test('SEC-15, SEC-43: refuses discovery that lies, and says why once', async (t) => {
  for (const { name, outcome, cause, answer } of lies) {
    await t.test(`discovery answers ${name}`, async (t) => {
      const provider = await startHostileProvider(t)
      provider.bend('discovery', () => answer(provider))
      const provider_timeout = patienceFor(answer(provider))
      const options = { oidc_issuer_url: provider.issuer, provider_timeout }
      const { client, log } = oidcClient(options, { clock: fakeClock() })
      const outcomes = await Promise.all([outcomeOf(client), outcomeOf(client)])
      assert.deepEqual(outcomes, [outcome, outcome])
      assert.equal(await outcomeOf(client), outcome)
      assert.equal(provider.received.discovery.length, 1)
      assert.equal(log.length, 1)
      assert.equal(log[0]?.event, 'provider discovery failed')
      assert.match(String(log[0]?.fields['cause']), cause)
    })
  }
})

test('tries discovery again at most once a second, and recovers by itself', async (t) => {
  const provider = await startHostileProvider(t)
  const clock = fakeClock()
  const { client, log } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  provider.bend('discovery', { status: 503 })
  assert.equal(await outcomeOf(client), 'unavailable')
  clock.advance(999)
  assert.equal(await outcomeOf(client), 'unavailable')
  assert.equal(provider.received.discovery.length, 1)
  clock.advance(1)
  assert.equal(await outcomeOf(client), 'unavailable')
  assert.equal(provider.received.discovery.length, 2)
  clock.advance(1000)
  provider.bend('discovery', undefined)
  assert.equal(await outcomeOf(client), 'url')
  assert.deepEqual(
    log.map(({ event }) => event),
    ['provider discovery failed', 'provider discovered'],
  )
})

test('SEC-43: keeps what it knows when discovery changes for the worse', async (t) => {
  const provider = await startHostileProvider(t)
  const clock = fakeClock()
  const { client, log } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  assert.equal(await outcomeOf(client), 'url')
  const hour = 60 * 60 * 1000
  for (const answer of [
    { status: 503 },
    { body: provider.metadata({ issuer: 'https://evil.example' }) },
    { body: provider.metadata({ token_endpoint: undefined }) },
  ]) {
    provider.bend('discovery', answer)
    clock.advance(hour)
    const before = log.length
    assert.equal(await outcomeOf(client), 'url')
    await t.waitFor(() => assert.equal(log.length, before + 1))
    assert.equal(log.at(-1)?.event, 'provider discovery failed')
  }
  assert.equal(provider.received.discovery.length, 4)
})

test('takes up new endpoints within the hour, in the background', async (t) => {
  const provider = await startHostileProvider(t)
  const clock = fakeClock()
  const { client } = oidcClient({ oidc_issuer_url: provider.issuer }, { clock })
  const pathOf = async () => {
    const result = await client.authorizationUrl(attempt)
    assert.ok(result.ok)
    return new URL(result.url).pathname
  }
  assert.equal(await pathOf(), '/authorize')
  const moved = { authorization_endpoint: `${provider.issuer}/v2/authorize` }
  provider.bend('discovery', { body: provider.metadata(moved) })
  assert.equal(await pathOf(), '/authorize')
  clock.advance(60 * 60 * 1000)
  await t.waitFor(async () => assert.equal(await pathOf(), '/v2/authorize'))
  assert.equal(provider.received.discovery.length, 2)
})

test('SEC-15: with an https issuer no endpoint may be plain http', async () => {
  const https = 'https://id.example.com'
  const endpoints = {
    login_url: `${https}/authorize`,
    redeem_url: `${https}/token`,
    oidc_jwks_url: `${https}/keys`,
  }
  const configured = (changes: Readonly<Record<string, string>>) =>
    oidcClient({ oidc_issuer_url: https, skip_oidc_discovery: true, ...endpoints, ...changes })
  assert.equal(await outcomeOf(configured({}).client), 'url')
  for (const name of Object.keys(endpoints)) {
    const { client } = configured({ [name]: 'http://id.example.com/x' })
    assert.equal(await outcomeOf(client), 'unavailable', name)
  }
})

test('works without discovery from configured endpoints', async (t) => {
  const provider = await startHostileProvider(t)
  const { issuer } = provider
  const { client } = oidcClient({
    oidc_issuer_url: issuer,
    skip_oidc_discovery: true,
    login_url: `${issuer}/authorize?tenant=a`,
    redeem_url: `${issuer}/token`,
    oidc_jwks_url: `${issuer}/jwks`,
    profile_url: `${issuer}/userinfo`,
    oidc_enabled_signing_algs: ['ES256'],
  })
  const started = await client.authorizationUrl(attempt)
  assert.ok(started.ok)
  assert.equal(new URL(started.url).searchParams.get('tenant'), 'a')
  provider.bend('token', {
    body: provider.tokens({ id_token: provider.idToken({ groups: undefined }) }),
  })
  const result = await redeem(client, provider)
  assert.ok(result.ok)
  assert.deepEqual(result.identity.groups, ['dev'])
  assert.equal(provider.received.discovery.length, 0)
})

test('an issuer with a path and a slash at the end is asked below that path', async (t) => {
  const provider = await startHostileProvider(t)
  const { client } = oidcClient({ oidc_issuer_url: `${provider.issuer}/` })
  provider.bend('discovery', { body: provider.metadata({ issuer: `${provider.issuer}/` }) })
  assert.equal(await outcomeOf(client), 'url')
})
