import assert from 'node:assert/strict'
import { validateHeaderValue } from 'node:http'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { headerText } from '../../../src/headers/header-text.ts'

describe('SEC-46: a header carries', () => {
  test('ASCII as it is', () => {
    const printable = Array.from({ length: 95 }, (_, code) => String.fromCharCode(32 + code))
    const text = `x${printable.join('')}x`
    assert.equal(headerText(text), text)
  })

  test('anything beyond as its UTF-8 bytes, Latin-1 included', () => {
    assert.equal(headerText('é'), '\u00c3\u00a9')
    assert.equal(headerText('Łukasz'), '\u00c5\u0081ukasz')
    assert.equal(headerText('🔑'), '\u00f0\u009f\u0094\u0091')
  })
})

describe('SEC-46: no header carries', () => {
  for (const value of [
    'a\r\nSet-Cookie: b=c',
    'a\nb',
    'a\rb',
    'a\0b',
    'a\tb',
    'a\u007fb',
    'a\u0085b',
    'é\nb',
    ' a',
    'a ',
    'a\n',
    '\u00a0a',
    'a\u3000',
    'a'.repeat(16_385),
  ]) {
    test(JSON.stringify(value.slice(0, 40)), () => assert.equal(headerText(value), undefined))
  }
})

test('SEC-46: whatever comes out, Node sends as one header that reads back the same', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (value) => {
      const text = headerText(value)
      if (text === undefined) return
      validateHeaderValue('x-test', text)
      assert.equal(Buffer.from(text, 'latin1').toString('utf8'), value)
    }),
    { numRuns: 2000 },
  )
})
