// Discovery that names places no browser and no token should be sent to.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../src/core/errors.ts'
import { startHostileProvider } from '../support/hostile-provider.ts'
import { oidcClient } from '../support/oidc-client.ts'

const attempt = {
  redirectUri: 'https://app.example.com/oauth2/callback',
  state: 's',
  nonce: 'n',
  codeVerifier: 'v'.repeat(43),
}

for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '\r\nX: y']) {
  test(`SEC-43: ${JSON.stringify(url)} is no endpoint, nor where the issuer is plain http`, async (t) => {
    const provider = await startHostileProvider(t)

    provider.bend('discovery', { body: provider.metadata({ end_session_endpoint: url }) })
    const { client } = oidcClient({ oidc_issuer_url: provider.issuer })
    assert.equal(await client.endSessionUrl({ idToken: '' }), undefined)

    provider.bend('discovery', { body: provider.metadata({ authorization_endpoint: url }) })
    const { client: other } = oidcClient({ oidc_issuer_url: provider.issuer })
    await assert.rejects(other.authorizationUrl(attempt), Unavailable)
  })
}
