import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { parseCookies } from '../../../src/lib/cookie-header.ts'

describe('reads', () => {
  const cases: readonly (readonly [string | undefined, Readonly<Record<string, string[]>>])[] = [
    [undefined, {}],
    ['', {}],
    ['a=b', { a: ['b'] }],
    ['a=b; c=d', { a: ['b'], c: ['d'] }],
    ['a=b;c=d;', { a: ['b'], c: ['d'] }],
    ['  a  =  b  ;\tc=d', { a: ['b'], c: ['d'] }],
    ['a=b=c==', { a: ['b=c=='] }],
    ['a=', { a: [''] }],
    ['a="b"', { a: ['b'] }],
    ['a=""', { a: [''] }],
    ['a="', { a: ['"'] }],
    ['a="b', { a: ['"b'] }],
    ['a=%20b', { a: ['%20b'] }],
    ['a; b=c', { b: ['c'] }],
    ['a;b;c', {}],
    ['=b; a=c', { a: ['c'] }],
    [';;; ;a=b;;', { a: ['b'] }],
    ['a=1; b=2; a=3', { a: ['1', '3'], b: ['2'] }],
    ['A=1; a=2', { A: ['1'], a: ['2'] }],
    ['__proto__=1; constructor=2', { ['__proto__']: ['1'], constructor: ['2'] }],
  ]
  for (const [header, expected] of cases) {
    test(JSON.stringify(header) ?? 'no header', () => {
      assert.deepEqual(parseCookies(header), new Map(Object.entries(expected)))
    })
  }
})

test('SEC-53: what comes after 500 cookies is not looked at', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => `c${index}=x`)
  const cookies = parseCookies(many.join(';'))
  assert.equal(cookies.size, 500)
  assert.ok(cookies.has('c499'))
})

test('reads back whatever was joined', () => {
  const name = fc.stringMatching(/^[\w!#$%&'*+.^`|~-]+$/)
  const value = fc.stringMatching(/^[\w!#$%&'()*+./:<=>?@[\]^`{|}~-]*$/)
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 20 }), (pairs) => {
      const cookies = parseCookies(pairs.map((pair) => pair.join('=')).join('; '))
      for (const [known] of pairs) {
        const sent = pairs.filter(([other]) => other === known).map(([, text]) => text)
        assert.deepEqual(cookies.get(known), sent)
      }
    }),
  )
})
