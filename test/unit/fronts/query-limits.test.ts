import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { queryLimits } from '../../../src/fronts/query-limits.ts'

const cases: readonly (readonly [string, ReturnType<typeof queryLimits>])[] = [
  ['/oauth2/auth', undefined],
  ['/oauth2/auth?', undefined],
  ['/oauth2/auth?other=1', undefined],
  ['/oauth2/auth?allowed_groups', undefined],
  ['/oauth2/auth?allowed_groups=', undefined],
  ['/oauth2/auth?allowed_groups=,%20,', undefined],
  ['/oauth2/auth?Allowed_Groups=a', undefined],
  ['/oauth2/auth?allowed_groups=a', { groups: ['a'], emails: undefined, emailDomains: undefined }],
  ['/x?allowed_groups=a,b', { groups: ['a', 'b'], emails: undefined, emailDomains: undefined }],
  [
    '/x?allowed_groups=a,,%20b%20&y=1&allowed_groups=c',
    { groups: ['a', 'b', 'c'], emails: undefined, emailDomains: undefined },
  ],
  [
    '/x?allowed%5Fgroups=a%2Cb+c',
    { groups: ['a', 'b c'], emails: undefined, emailDomains: undefined },
  ],
  [
    '/x?allowed_emails=a@b.example&allowed_email_domains=.b.example',
    { groups: undefined, emails: ['a@b.example'], emailDomains: ['.b.example'] },
  ],
  // A limit that cannot be decoded still limits: it matches nobody.
  ['/x?allowed_groups=%ff', { groups: ['\ufffd'], emails: undefined, emailDomains: undefined }],
  ['/x?allowed_groups=%zz', { groups: ['%zz'], emails: undefined, emailDomains: undefined }],
  ['/x?allowed_groups=a;b', { groups: ['a;b'], emails: undefined, emailDomains: undefined }],
  ['/x?a?allowed_groups=a', undefined],
]

describe('limits of the query', () => {
  for (const [url, limits] of cases) {
    test(url, () => assert.deepEqual(queryLimits(url), limits))
  }
})
