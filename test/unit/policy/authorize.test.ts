import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Identity } from '../../../src/core/identity.ts'
import { createAuthorize, type AuthorizeOptions } from '../../../src/policy/authorize.ts'

const alice: Identity = {
  user: '1',
  email: 'alice@example.com',
  groups: ['staff', 'ops'],
  preferredUsername: '',
}

function authorize(
  identity: Partial<Identity>,
  options: Partial<AuthorizeOptions>,
  emails: readonly string[] = [],
) {
  return createAuthorize({
    options: { email_domains: ['*'], allowed_groups: [], ...options },
    authenticatedEmails: { has: (email) => emails.includes(email) },
  })({ ...alice, ...identity })
}

test('lets in whoever is in the domains or in the file', () => {
  assert.equal(authorize({}, { email_domains: ['example.com'] }), undefined)
  assert.equal(authorize({}, { email_domains: [] }, [alice.email]), undefined)
  assert.equal(authorize({}, { email_domains: ['other.example'] }, [alice.email]), undefined)
})

test('refuses an e-mail address that is in neither', () => {
  const options = { email_domains: ['other.example'] }
  assert.equal(authorize({}, options, ['bob@example.com']), 'email-not-allowed')
  assert.equal(authorize({}, { email_domains: [] }), 'email-not-allowed')
})

test('needs no file', () => {
  const options = { email_domains: ['other.example'], allowed_groups: [] }
  assert.equal(createAuthorize({ options })(alice), 'email-not-allowed')
})

test('lets in nobody without an address, unless everyone may come', () => {
  assert.equal(authorize({ email: '' }, { email_domains: ['example.com'] }), 'email-not-allowed')
  assert.equal(authorize({ email: '' }, { email_domains: ['*'] }), undefined)
})

test('any of the allowed groups is enough, spelt exactly', () => {
  assert.equal(authorize({}, { allowed_groups: ['admins', 'ops'] }), undefined)
  assert.equal(authorize({}, { allowed_groups: ['Ops'] }), 'group-missing')
  assert.equal(authorize({}, { allowed_groups: ['op', 'opsx', 'staff,ops'] }), 'group-missing')
  assert.equal(authorize({ groups: [] }, { allowed_groups: ['ops'] }), 'group-missing')
})

test('blank entries allow no group, and alone they demand none', () => {
  assert.equal(authorize({ groups: [''] }, { allowed_groups: ['', 'ops'] }), 'group-missing')
  assert.equal(authorize({ groups: [] }, { allowed_groups: [''] }), undefined)
})

test('a group does not make up for the address', () => {
  const options = { email_domains: ['other.example'], allowed_groups: ['ops'] }
  assert.equal(authorize({}, options), 'email-not-allowed')
})

test('roles of Keycloak let in besides the groups', () => {
  const options = { allowed_groups: ['admins'], allowed_roles: ['editor', 'app:owner'] }
  assert.equal(authorize({}, options), 'group-missing')
  assert.equal(authorize({ groups: ['editor'] }, options), 'group-missing')
  for (const group of ['admins', 'role:editor', 'role:app:owner']) {
    assert.equal(authorize({ groups: [group] }, options), undefined)
  }
  assert.equal(authorize({}, { allowed_roles: ['editor'] }), 'group-missing')
})
