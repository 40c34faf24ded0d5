import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { QueryLimits } from '../../../src/core/auth-request.ts'
import type { Identity } from '../../../src/core/identity.ts'
import { isWithinLimits } from '../../../src/policy/limits.ts'

const alice: Identity = {
  user: '1',
  email: 'alice@sub.example.com',
  groups: ['staff', 'ops'],
  preferredUsername: 'alice',
}

const cases: readonly (readonly [Partial<QueryLimits>, boolean])[] = [
  [{ groups: ['ops'] }, true],
  [{ groups: ['admins', 'ops'] }, true],
  [{ groups: ['admins'] }, false],
  [{ groups: ['OPS'] }, false],
  [{ groups: [] }, false],
  [{ emails: ['bob@sub.example.com', 'alice@sub.example.com'] }, true],
  [{ emails: ['Alice@sub.example.com'] }, false],
  [{ emails: ['*'] }, false],
  [{ emailDomains: ['sub.example.com'] }, true],
  [{ emailDomains: ['example.com'] }, false],
  [{ emailDomains: ['.example.com'] }, true],
  [{ emailDomains: ['*.example.com'] }, true],
  [{ emailDomains: ['.sub.example.com'] }, true],
  [{ emailDomains: ['Sub.example.com'] }, false],
  [{ emailDomains: ['ub.example.com', 'alice@sub.example.com'] }, false],
  [{ emailDomains: ['*', '.', '*.'] }, false],
  [{ groups: ['ops'], emails: ['alice@sub.example.com'], emailDomains: ['.example.com'] }, true],
  [{ groups: ['ops'], emails: ['bob@sub.example.com'] }, false],
  [{ groups: ['admins'], emails: ['alice@sub.example.com'] }, false],
  [{ groups: ['ops'], emailDomains: ['other.example'] }, false],
]

describe('within the limits of the query', () => {
  for (const [limits, expected] of cases) {
    test(`${JSON.stringify(limits)}: ${expected ? 'yes' : 'no'}`, () => {
      const all = { groups: undefined, emails: undefined, emailDomains: undefined, ...limits }
      assert.equal(isWithinLimits(alice, all), expected)
    })
  }

  test('no limits limit nobody', () => assert.equal(isWithinLimits(alice, undefined), true))
})

describe('SEC-7: lies in no domain', () => {
  const limits = { groups: undefined, emails: undefined, emailDomains: ['example.com'] }
  for (const email of [
    '',
    'example.com',
    'a@b@example.com',
    '"a"@example.com',
    'a b@example.com',
  ]) {
    test(JSON.stringify(email), () => {
      assert.equal(isWithinLimits({ ...alice, email }, limits), false)
    })
  }
})
