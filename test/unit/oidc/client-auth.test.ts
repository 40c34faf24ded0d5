import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientAuth } from '../../../src/oidc/client-auth.ts'

const issuer = 'https://id.example.com'

function authenticate(methods: unknown, secret: string, client_id = 'my-app') {
  const metadata = {
    issuer,
    ...(methods !== undefined && { token_endpoint_auth_methods_supported: methods as string[] }),
  }
  const body = new URLSearchParams()
  const headers = new Headers()
  clientAuth(metadata, secret)(metadata, { client_id }, body, headers)
  return { authorization: headers.get('authorization'), body: Object.fromEntries(body) }
}

const basic = (credentials: string): string =>
  `Basic ${Buffer.from(credentials).toString('base64')}`

test('authenticates by header unless the provider leaves that out', () => {
  const byHeader = { authorization: basic('my-app:s3cret'), body: {} }
  assert.deepEqual(authenticate(undefined, 's3cret'), byHeader)
  assert.deepEqual(authenticate(['private_key_jwt', 'client_secret_basic'], 's3cret'), byHeader)
  assert.deepEqual(authenticate('client_secret_post', 's3cret'), byHeader)
  assert.deepEqual(authenticate(['client_secret_post'], 's3cret'), {
    authorization: null,
    body: { client_id: 'my-app', client_secret: 's3cret' },
  })
})

test('is a public client without a secret', () => {
  const publicClient = { authorization: null, body: { client_id: 'my-app' } }
  assert.deepEqual(authenticate(['client_secret_basic'], ''), publicClient)
})

test('encodes what a form encodes and nothing more', () => {
  const { authorization } = authenticate(undefined, 'a-b_c.d:e+f g%h/ü', '3452@my_project')
  assert.equal(authorization, basic('3452%40my_project:a-b_c.d%3Ae%2Bf+g%25h%2F%C3%BC'))
})

test('shows a token that somebody signed for it in place of a secret', () => {
  const metadata = { issuer, token_endpoint_auth_methods_supported: ['client_secret_basic'] }
  const body = new URLSearchParams()
  const headers = new Headers()
  clientAuth(metadata, '', 'a.b.c')(metadata, { client_id: 'my-app' }, body, headers)
  assert.equal(headers.get('authorization'), null)
  assert.deepEqual(Object.fromEntries(body), {
    client_id: 'my-app',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: 'a.b.c',
  })
})
