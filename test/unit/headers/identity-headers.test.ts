import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createIdentityHeaders,
  type IdentityHeaderOptions,
} from '../../../src/headers/identity-headers.ts'
import type { Session } from '../../../src/core/session.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { session } from '../../support/fronts.ts'

const { user } = session.identity
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

/** As without any option: only oauth2-proxy's defaults. */
const defaults: IdentityHeaderOptions = {
  set_xauthrequest: false,
  set_basic_auth: false,
  set_authorization_header: false,
  pass_basic_auth: true,
  pass_user_headers: true,
  pass_access_token: false,
  pass_authorization_header: false,
  prefer_email_to_user: false,
  basic_auth_password: new Secret(''),
}
const basic_auth_password = new Secret('pw')

function headersOf(options: Partial<IdentityHeaderOptions> = {}) {
  return createIdentityHeaders({ ...defaults, ...options })
}

function sessionOf(
  identity: Partial<Session['identity']>,
  tokens: Partial<Session['tokens']> = {},
) {
  return {
    ...session,
    identity: { ...session.identity, ...identity },
    tokens: { ...session.tokens, ...tokens },
  }
}

const gapAuth = { 'gap-auth': 'alice@example.com' }
const xAuthRequest = {
  'x-auth-request-user': user,
  'x-auth-request-email': 'alice@example.com',
  'x-auth-request-preferred-username': 'alice',
  'x-auth-request-groups': 'staff,ops',
}

describe('on answers', () => {
  const cases: readonly (readonly [Partial<IdentityHeaderOptions>, object])[] = [
    [{}, gapAuth],
    [{ pass_access_token: true, pass_authorization_header: true }, gapAuth],
    [{ set_xauthrequest: true }, { ...xAuthRequest, ...gapAuth }],
    [
      { set_xauthrequest: true, pass_access_token: true },
      { ...xAuthRequest, 'x-auth-request-access-token': 'access-token', ...gapAuth },
    ],
    [
      { set_xauthrequest: true, prefer_email_to_user: true },
      { ...xAuthRequest, ...gapAuth },
    ],
    [{ set_authorization_header: true }, { authorization: 'Bearer id-token', ...gapAuth }],
    [{ set_basic_auth: true }, gapAuth],
    [
      { set_basic_auth: true, basic_auth_password },
      { authorization: basic(`${user}:pw`), ...gapAuth },
    ],
    [
      { set_basic_auth: true, basic_auth_password, prefer_email_to_user: true },
      { authorization: basic('alice@example.com:pw'), ...gapAuth },
    ],
    [{ pass_basic_auth: true, basic_auth_password }, gapAuth],
  ]
  for (const [options, expected] of cases) {
    test(JSON.stringify(options), () => {
      assert.deepEqual(headersOf(options).response(session), expected)
    })
  }

  test('what is empty is left out', () => {
    const empty = sessionOf(
      { email: '', groups: [], preferredUsername: '' },
      { accessToken: '', idToken: '' },
    )
    const all = headersOf({
      set_xauthrequest: true,
      pass_access_token: true,
      set_authorization_header: true,
    })
    assert.deepEqual(all.response(empty), { 'x-auth-request-user': user, 'gap-auth': user })
    assert.deepEqual(all.response(sessionOf({ user: '', email: '', groups: [] })), {
      'x-auth-request-preferred-username': 'alice',
      'x-auth-request-access-token': 'access-token',
      authorization: 'Bearer id-token',
    })
  })

  test('no name makes no Authorization: Basic', () => {
    const options = { set_basic_auth: true, basic_auth_password, prefer_email_to_user: true }
    assert.deepEqual(headersOf(options).response(sessionOf({ email: '' })), { 'gap-auth': user })
  })
})

const xForwarded = {
  'x-forwarded-user': user,
  'x-forwarded-email': 'alice@example.com',
  'x-forwarded-groups': 'staff,ops',
  'x-forwarded-preferred-username': 'alice',
}

describe('on requests to upstreams', () => {
  const cases: readonly (readonly [Partial<IdentityHeaderOptions>, object])[] = [
    [{}, xForwarded],
    [{ pass_user_headers: false }, xForwarded],
    [{ pass_basic_auth: false }, xForwarded],
    [{ pass_basic_auth: false, pass_user_headers: false }, {}],
    [
      { prefer_email_to_user: true },
      {
        'x-forwarded-user': 'alice@example.com',
        'x-forwarded-groups': 'staff,ops',
        'x-forwarded-preferred-username': 'alice',
      },
    ],
    [{ basic_auth_password }, { ...xForwarded, authorization: basic(`${user}:pw`) }],
    [{ basic_auth_password, pass_basic_auth: false }, xForwarded],
    [{ pass_access_token: true }, { ...xForwarded, 'x-forwarded-access-token': 'access-token' }],
    [{ pass_authorization_header: true }, { ...xForwarded, authorization: 'Bearer id-token' }],
    [{ set_xauthrequest: true, set_authorization_header: true }, xForwarded],
  ]
  for (const [options, expected] of cases) {
    test(JSON.stringify(options), () => {
      assert.deepEqual(headersOf(options).upstream(session), expected)
    })
  }
})

describe('SEC-46: an identity never splits a header', () => {
  const all = headersOf({ set_xauthrequest: true })

  test('what no header may carry is left out', () => {
    const hostile = sessionOf({
      user: 'a\r\nX-Auth-Request-Groups: admins',
      email: 'a@example.com\0',
      groups: ['staff', 'x\nadmins'],
      preferredUsername: 'alice',
    })
    assert.deepEqual(all.response(hostile), { 'x-auth-request-preferred-username': 'alice' })
    assert.deepEqual(all.upstream(hostile), { 'x-forwarded-preferred-username': 'alice' })
  })

  test('names beyond ASCII go as UTF-8 bytes', () => {
    const headers = all.response(sessionOf({ preferredUsername: 'Łukasz' }))
    const sent = Buffer.from(headers['x-auth-request-preferred-username'] ?? '', 'latin1')
    assert.equal(sent.toString('utf8'), 'Łukasz')
  })
})

test('SEC-6: every name that an answer may set can be taken away, in both spellings', () => {
  const everything = headersOf({
    set_xauthrequest: true,
    set_authorization_header: true,
    pass_access_token: true,
    pass_authorization_header: true,
  })
  const set = Object.keys(everything.response(sessionOf({}, { idToken: 'id', accessToken: 'at' })))
  assert.ok(set.includes('authorization'))
  for (const name of set) assert.ok(everything.names.includes(name), name)
  assert.ok(everything.names.includes('x_auth_request_email'))
  assert.ok(everything.names.every((name) => everything.isIdentityHeader(name)))
})

test("a client's own Authorization is left to the app unless an option sets it", () => {
  assert.ok(!headersOf({ set_xauthrequest: true }).names.includes('authorization'))
  assert.ok(
    headersOf({ set_basic_auth: true, basic_auth_password }).names.includes('authorization'),
  )
})
