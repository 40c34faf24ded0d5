import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInDomain } from '../../../src/lib/domain.ts'

const cases: readonly (readonly [string, string, boolean])[] = [
  ['example.com', 'example.com', true],
  ['a.example.com', 'example.com', false],
  ['Example.com', 'example.com', false],
  ['example.com', '.example.com', true],
  ['a.b.example.com', '.example.com', true],
  ['a.example.com', '*.example.com', true],
  ['example.com', '*.example.com', true],
  ['xexample.com', '.example.com', false],
  ['example.com.', '.example.com', false],
  ['example.com', '*', false],
  ['example.com', '*example.com', false],
  ['example.com', '', false],
  ['x.', '.', false],
  ['x.', '*.', false],
]

for (const [host, domain, expected] of cases) {
  test(`${host} is ${expected ? '' : 'not '}in ${JSON.stringify(domain)}`, () => {
    assert.equal(isInDomain(host, domain), expected)
  })
}
