import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createOidcClient } from '../../../src/oidc/client.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { startHostileProvider } from '../../support/hostile-provider.ts'
import { defaultOptions, redeem } from '../../support/oidc-client.ts'
import { recordedLog } from '../../support/sessions.ts'

test('a code is redeemed with the token of the moment, and no secret goes with it', async (t) => {
  const provider = await startHostileProvider(t)
  let token = 'first.client.token'
  const client = createOidcClient({
    options: { ...defaultOptions, oidc_issuer_url: provider.issuer },
    clientSecret: () => '',
    clientAssertion: () => token,
    clock: systemClock,
    log: recordedLog(),
    observe: () => {},
  })
  assert.ok((await redeem(client, provider)).ok)
  token = 'second.client.token'
  assert.ok((await redeem(client, provider)).ok)
  const shown = provider.received.token.map(({ form, headers }) => [
    form.get('client_assertion'),
    form.get('client_id'),
    form.get('client_secret'),
    headers.authorization,
  ])
  assert.deepEqual(shown, [
    ['first.client.token', 'sallyport', null, undefined],
    ['second.client.token', 'sallyport', null, undefined],
  ])
})
