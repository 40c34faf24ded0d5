import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createIdentityHeaders } from '../../src/headers/identity-headers.ts'
import { Secret } from '../../src/lib/secret.ts'
import { session } from '../support/fronts.ts'

const off = {
  set_xauthrequest: false,
  set_basic_auth: false,
  set_authorization_header: false,
  pass_basic_auth: false,
  pass_user_headers: false,
  pass_access_token: false,
  pass_authorization_header: false,
  prefer_email_to_user: false,
  basic_auth_password: new Secret(''),
}
/** With everything switched off: what is stripped does not depend on what is sent. */
const { isIdentityHeader } = createIdentityHeaders(off)

const names = [
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Groups',
  'X-Forwarded-Preferred-Username',
  'X-Forwarded-Access-Token',
  'X-Auth-Request-User',
  'X-Auth-Request-Email',
  'X-Auth-Request-Groups',
  'X-Auth-Request-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'X-Auth-Request-Roles',
  'X-Auth-Request-Redirect',
  'GAP-Auth',
  'GAP-Signature',
]
const spellings: readonly ((name: string) => string)[] = [
  (name) => name,
  (name) => name.toLowerCase(),
  (name) => name.toUpperCase(),
  (name) => name.replaceAll('-', '_'),
  (name) => name.replaceAll('-', '.'),
  (name) => name.replace('-', '_'),
  (name) => name.replace(/-(?!.*-)/, '_').toLowerCase(),
  (name) => name.replaceAll('-', ' '),
  (name) => name.replaceAll('-', '--'),
  (name) => name.replaceAll('-', '_-'),
  (name) => name.replaceAll('-', '~'),
  (name) => ` ${name} `,
  (name) => `${name}\t`,
  (name) => `_${name}`,
  (name) => `${name}_`,
]

describe('SEC-6: no spelling of an identity header of the client reaches an app', () => {
  for (const spelt of new Set(names.flatMap((name) => spellings.map((spell) => spell(name))))) {
    test(JSON.stringify(spelt), () => assert.equal(isIdentityHeader(spelt), true))
  }
})

describe('other headers of the client stay', () => {
  for (const name of [
    'Accept',
    'Cookie',
    'Content-Type',
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Uri',
    'X-Forwarded-Userinfo',
    'X-Request-Id',
    'X-Auth-Request',
    'X-Auth-Requests-User',
    'X-User',
    'User',
    'Gap',
    'Authorization',
    'Proxy-Authorization',
    'X-Authorization',
  ]) {
    test(name, () => assert.equal(isIdentityHeader(name), false))
  }
})

describe('SEC-6: the client’s Authorization never stands in for ours', () => {
  for (const [what, options] of Object.entries({
    pass_authorization_header: { pass_authorization_header: true },
    'pass_basic_auth with a password': {
      pass_basic_auth: true,
      basic_auth_password: new Secret('pw'),
    },
  })) {
    test(what, () => {
      const headers = createIdentityHeaders({ ...off, ...options })
      for (const name of ['Authorization', 'authorization', 'AUTHORIZATION', 'Authorization_']) {
        assert.equal(headers.isIdentityHeader(name), true)
      }
      assert.ok(headers.upstream(session)['authorization'])
      assert.equal(headers.isIdentityHeader('Proxy-Authorization'), false)
    })
  }

  test('without a password the client’s own goes to the app', () => {
    const headers = createIdentityHeaders({ ...off, pass_basic_auth: true })
    assert.equal(headers.isIdentityHeader('Authorization'), false)
    assert.equal(headers.upstream(session)['authorization'], undefined)
  })
})

test('SEC-6: everything that we send upstream is stripped from the client first', () => {
  const headers = createIdentityHeaders({
    ...off,
    set_xauthrequest: true,
    pass_user_headers: true,
    pass_access_token: true,
    pass_authorization_header: true,
  })
  const sent = [
    ...Object.keys(headers.upstream(session)),
    ...Object.keys(headers.response(session)),
  ]
  assert.ok(sent.length > 10)
  for (const name of sent) assert.equal(headers.isIdentityHeader(name), true, name)
})

describe('SEC-6: what a gateway must remove from an allowed request', () => {
  const { unsetNames, forgedNames } = createIdentityHeaders(off)

  test('every name of ours that the answer does not set, sent or not', () => {
    const removed = unsetNames({ 'x-auth-request-user': 'alice' })
    for (const name of names.slice(0, 10).map((spelt) => spelt.toLowerCase())) {
      assert.equal(removed.includes(name), name !== 'x-auth-request-user', name)
    }
  })

  test('every other spelling, and nothing else', () => {
    const client = {
      'x-auth_request.user': 'mallory',
      'x-auth-request-roles': 'mallory',
      'x-auth-request-user': 'mallory',
      authorization: 'Basic app',
      accept: '*/*',
      cookie: 'a=1',
      'x-forwarded-for': '203.0.113.5',
    }
    assert.deepEqual(forgedNames(client), ['x-auth_request.user', 'x-auth-request-roles'])
  })

  test('Authorization only where it is ours', () => {
    const ours = createIdentityHeaders({ ...off, set_authorization_header: true })
    assert.ok(ours.unsetNames({}).includes('authorization'))
    assert.ok(!ours.unsetNames({ authorization: 'Bearer t' }).includes('authorization'))
  })
})
