import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLoginStates } from '../../../src/oidc/login-state.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { oidcClient } from '../../support/oidc-client.ts'
import { alice, signInAtProvider, startProvider } from '../../support/provider.ts'

const redirectUri = 'http://127.0.0.1:4180/oauth2/callback'

test('signs a person in at a real provider', async (t) => {
  const provider = await startProvider(t)
  const { client } = oidcClient(
    { oidc_issuer_url: provider.issuer, client_id: provider.clientId },
    { clientSecret: () => provider.clientSecret },
  )
  const states = createLoginStates({
    options: {
      cookie_name: '_oauth2_proxy',
      cookie_secret: [new Secret('0123456789abcdef0123456789abcdef')],
      cookie_csrf_expire: 900_000,
    },
    clock: systemClock,
  })
  const begun = states.begin({ redirect: '/app', attempt: 0 })
  const started = await client.authorizationUrl({ ...begun, redirectUri })
  assert.ok(started.ok)
  const callback = await signInAtProvider(started.url, alice)
  const { searchParams: params } = new URL(callback)
  const matched = states.match(params.get('state') ?? '', [begun.cookieValue])
  assert.ok(matched)
  assert.equal(matched.redirect, '/app')
  const result = await client.exchange({ ...matched, state: begun.state, params, redirectUri })
  console.log(result)
  assert.ok(result.ok)
})
