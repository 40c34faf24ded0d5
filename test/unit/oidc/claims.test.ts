import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  lacksClaims,
  readIdentity,
  type ClaimOptions,
  type IdentityResult,
} from '../../../src/oidc/claims.ts'

const defaults: ClaimOptions = {
  client_id: 'sallyport',
  oidc_email_claim: 'email',
  user_id_claim: 'email',
  oidc_groups_claim: 'groups',
  oidc_audience_claims: ['aud'],
  oidc_extra_audiences: [],
  insecure_oidc_allow_unverified_email: false,
}

const person = {
  aud: 'sallyport',
  sub: '248289761001',
  email: 'alice@example.com',
  email_verified: true,
  groups: ['dev'],
  preferred_username: 'alice',
}

type Claims = Readonly<Record<string, unknown>>

function read(claims: Claims, options: Partial<ClaimOptions> = {}, profile: Claims = {}) {
  return readIdentity({ ...person, ...claims }, profile, { ...defaults, ...options })
}

function identity(result: IdentityResult) {
  assert.ok(result.ok)
  return result.identity
}

function failure(result: IdentityResult) {
  assert.ok(!result.ok)
  return result.failure
}

test('reads a person from claims', () => {
  assert.deepEqual(identity(read({})), {
    user: '248289761001',
    email: 'alice@example.com',
    groups: ['dev'],
    preferredUsername: 'alice',
  })
})

test('leaves empty what may be absent', () => {
  const found = identity(read({ groups: undefined, preferred_username: null }))
  assert.deepEqual(found.groups, [])
  assert.equal(found.preferredUsername, '')
})

const groups: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['a list', ['admin', 'dev'], ['admin', 'dev']],
  ['one text', 'admin', ['admin']],
  ['an object: its keys', { admin: { '1': 'example.com' }, dev: {} }, ['admin', 'dev']],
  ['a number', 7, ['7']],
  ['a boolean', true, ['true']],
  ['nothing in particular', null, []],
  ['an empty list', [], []],
  ['an empty text', '', []],
  ['an empty object', {}, []],
  ['numbers', [1, 2.5, 'x'], ['1', '2.5', 'x']],
  ['null and empty text among others', [null, '', 'a'], ['a']],
  ['objects: JSON with sorted keys, encoded', [{ b: 1, a: '<' }], ['{"a":"\\u003c"%2C"b":1}']],
]

test('SEC-45: makes groups of whatever the claim holds', () => {
  for (const [name, value, expected] of groups) {
    const found = identity(read({ groups: value })).groups
    assert.deepEqual(found, expected, name)
  }
  const many = Array.from({ length: 5000 }, (_, index) => `group-${index}`)
  assert.deepEqual(identity(read({ groups: many })).groups, many)
})

test('reads the roles of ZITADEL', () => {
  const oidc_groups_claim = 'urn:zitadel:iam:org:project:roles'
  const roles = { admin: { '2934': 'acme.zitadel.cloud' }, dev: { '2934': 'acme.zitadel.cloud' } }
  const found = identity(read({ [oidc_groups_claim]: roles }, { oidc_groups_claim }))
  assert.deepEqual(found.groups, ['admin', 'dev'])
})

test('SEC-46: no group name can pass for two, or for another one', () => {
  const names = ['x,admin', ' admin', 'admin ', 'a%2Cb', '100%', 'a%b', '  a', '%25']
  const encoded = identity(read({ groups: names })).groups
  assert.deepEqual(encoded, [
    'x%2Cadmin',
    '%20admin',
    'admin%20',
    'a%252Cb',
    '100%',
    'a%b',
    '%20 a',
    '%2525',
  ])
  assert.ok(encoded.every((name) => !name.includes(',') && name === name.trim()))
  assert.equal(new Set(encoded).size, names.length)
})

test('finds claims by name first, then by path', () => {
  const oidc_groups_claim = 'realm_access.roles'
  const nested = { realm_access: { roles: ['nested'] } }
  assert.deepEqual(identity(read(nested, { oidc_groups_claim })).groups, ['nested'])
  const literal = { ...nested, 'realm_access.roles': ['literal'] }
  assert.deepEqual(identity(read(literal, { oidc_groups_claim })).groups, ['literal'])
  const inherited = identity(read({}, { oidc_groups_claim: 'constructor.name' }))
  assert.deepEqual(inherited.groups, [])
})

test('a claim of the ID token wins over userinfo, null counts as absent', () => {
  const profile = { email: 'other@example.com', groups: ['other'], preferred_username: 'other' }
  const found = identity(read({ groups: null }, {}, profile))
  assert.equal(found.email, 'alice@example.com')
  assert.deepEqual(found.groups, ['other'])
  assert.equal(found.preferredUsername, 'alice')
})

test('an empty email is not filled in from userinfo', () => {
  assert.equal(failure(read({ email: '' }, {}, { email: 'a@example.com' })), 'email-missing')
  assert.equal(failure(read({ email: undefined })), 'email-missing')
})

test('takes the email from the configured claim', () => {
  const of = (options: Partial<ClaimOptions>) =>
    identity(read({ upn: 'alice@corp.example', email_verified: undefined }, options)).email
  assert.equal(of({}), 'alice@example.com')
  assert.equal(of({ oidc_email_claim: 'upn' }), 'alice@corp.example')
  assert.equal(of({ user_id_claim: 'sub' }), '248289761001')
  assert.equal(of({ user_id_claim: '' }), 'alice@example.com')
  assert.equal(of({ oidc_email_claim: '' }), 'alice@example.com')
  assert.equal(of({ oidc_email_claim: 'upn', user_id_claim: 'sub' }), 'alice@corp.example')
})

test('user_id_claim moves the email, never the user', () => {
  assert.equal(identity(read({ upn: 'x' }, { user_id_claim: 'upn' })).user, '248289761001')
})

test('an email that is not verified is refused', () => {
  const verified = [true, 'true', 'True', 'TRUE', 't', '1', 1, undefined, null]
  const unverified = [false, 'false', '', 'yes', 0, {}]
  for (const value of verified) assert.ok(read({ email_verified: value }).ok, String(value))
  for (const value of unverified) {
    assert.equal(failure(read({ email_verified: value })), 'email-unverified')
  }
})

test('email_verified speaks of the claim email only, and may be ignored', () => {
  const unverified = { email_verified: false, upn: 'a@example.com' }
  assert.ok(read(unverified, { oidc_email_claim: 'upn' }).ok)
  assert.ok(read(unverified, { user_id_claim: 'sub' }).ok)
  assert.ok(read(unverified, { insecure_oidc_allow_unverified_email: true }).ok)
})

test('SEC-46: values that would break a header are refused', () => {
  for (const value of ['a\rb', 'a\nb', 'a\0b', 'a\tb', 'a\u007fb', 'a\u0085b', 'a\ud800b']) {
    assert.equal(failure(read({ sub: value })), 'claims-invalid')
    assert.equal(failure(read({ email: `${value}@example.com` })), 'claims-invalid')
    assert.equal(failure(read({ groups: ['dev', value] })), 'claims-invalid')
    assert.equal(failure(read({ groups: { [value]: {} } })), 'claims-invalid')
    assert.equal(failure(read({ preferred_username: value })), 'claims-invalid')
  }
  assert.equal(failure(read({ groups: ['x'.repeat(8193)] })), 'claims-invalid')
  assert.equal(failure(read({ preferred_username: 'é'.repeat(4097) })), 'claims-invalid')
  const fine = identity(read({ preferred_username: 'Zoë 🦊 Müller', groups: ['x'.repeat(8192)] }))
  assert.equal(fine.preferredUsername, 'Zoë 🦊 Müller')
})

test('SEC-45: a number whose digits are lost names nobody', () => {
  assert.equal(failure(read({ groups: [2 ** 53] })), 'claims-invalid')
  assert.equal(
    failure(read({ employee: 2 ** 60 }, { oidc_email_claim: 'employee' })),
    'claims-invalid',
  )
  assert.equal(identity(read({ employee: 1234 }, { oidc_email_claim: 'employee' })).email, '1234')
})

test('SEC-45: a sub that is empty is refused', () => {
  assert.equal(failure(read({ sub: '' })), 'claims-invalid')
})

test('the first audience claim that is present decides', () => {
  const of = (claims: Claims, options: Partial<ClaimOptions>) => read(claims, options).ok
  assert.equal(of({ aud: ['other', 'sallyport'] }, {}), true)
  assert.equal(of({ cid: 'sallyport' }, { oidc_audience_claims: ['cid', 'aud'] }), true)
  assert.equal(of({ cid: 'other' }, { oidc_audience_claims: ['cid', 'aud'] }), false)
  assert.equal(of({}, { oidc_audience_claims: ['cid', 'aud'] }), true)
  assert.equal(of({}, { oidc_audience_claims: ['cid'] }), false)
  const extra = { oidc_audience_claims: ['cid'], oidc_extra_audiences: ['project'] }
  assert.equal(of({ cid: ['project'] }, extra), true)
  assert.equal(failure(read({ aud: 'other' })), 'audience-mismatch')
})

test('userinfo is needed when a wanted claim is absent', () => {
  const lacks = (claims: Claims, options: Partial<ClaimOptions> = {}) =>
    lacksClaims({ ...person, ...claims }, { ...defaults, ...options })
  assert.equal(lacks({}), false)
  for (const name of ['email', 'groups', 'preferred_username', 'email_verified']) {
    assert.equal(lacks({ [name]: undefined }), true, name)
    assert.equal(lacks({ [name]: null }), true, name)
  }
  assert.equal(lacks({ groups: [], email: '' }), false)
  assert.equal(lacks({ email_verified: undefined }, { user_id_claim: 'sub' }), false)
  assert.equal(lacks({}, { oidc_groups_claim: 'roles' }), true)
  assert.equal(lacks({}, { oidc_groups_claim: '' }), false)
})
