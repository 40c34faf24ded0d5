import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { queryLimits } from '../../../src/fronts/query-limits.ts'

const cases: readonly (readonly [string, ReturnType<typeof queryLimits>])[] = [
  ['', undefined],
  ['other=1', undefined],
  ['allowed_groups', undefined],
  ['allowed_groups=', undefined],
  ['allowed_groups=,%20,', undefined],
  ['Allowed_Groups=a', undefined],
  ['allowed_groups=a', { groups: ['a'], emails: undefined, emailDomains: undefined }],
  ['allowed_groups=a,b', { groups: ['a', 'b'], emails: undefined, emailDomains: undefined }],
  [
    'allowed_groups=a,,%20b%20&y=1&allowed_groups=c',
    { groups: ['a', 'b', 'c'], emails: undefined, emailDomains: undefined },
  ],
  [
    'allowed%5Fgroups=a%2Cb+c',
    { groups: ['a', 'b c'], emails: undefined, emailDomains: undefined },
  ],
  [
    'allowed_emails=a@b.example&allowed_email_domains=.b.example',
    { groups: undefined, emails: ['a@b.example'], emailDomains: ['.b.example'] },
  ],
  // A limit that cannot be decoded still limits: it matches nobody.
  ['allowed_groups=%ff', { groups: ['\ufffd'], emails: undefined, emailDomains: undefined }],
  ['allowed_groups=%zz', { groups: ['%zz'], emails: undefined, emailDomains: undefined }],
  ['allowed_groups=a;b', { groups: ['a;b'], emails: undefined, emailDomains: undefined }],
  ['a?allowed_groups=a', undefined],
]

describe('limits of the query', () => {
  for (const [text, limits] of cases) {
    test(text, () => assert.deepEqual(queryLimits(text), limits))
  }
})
