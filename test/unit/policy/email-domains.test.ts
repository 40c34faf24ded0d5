import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createEmailDomains, domainOfEmail, foldCase } from '../../../src/policy/email-domains.ts'

const matches = createEmailDomains([
  'example.com',
  '.below.example',
  '*.star.example',
  'Upper.Example',
])

describe('in email_domains', () => {
  for (const email of [
    'alice@example.com',
    'ALICE@EXAMPLE.COM',
    "o'neil+tag.x_y-z@example.com",
    'alice@sub.below.example',
    'alice@a.b.below.example',
    'alice@sub.star.example',
    'alice@upper.example',
  ]) {
    test(email, () => assert.equal(matches(email), true))
  }
})

describe('not in email_domains', () => {
  for (const email of [
    '',
    'alice',
    '@example.com',
    'alice@',
    'alice@other.example',
    'alice@sub.example.com',
    'alice@xexample.com',
    'alice@example.com.evil.example',
    'alice@below.example',
    'alice@xbelow.example',
    'alice@star.example',
    'example.com',
  ]) {
    test(JSON.stringify(email), () => assert.equal(matches(email), false))
  }
})

describe('SEC-7: matches no domain rule', () => {
  for (const email of [
    'alice@evil.example@example.com',
    'alice@@example.com',
    '@@example.com',
    '"alice"@example.com',
    '"alice@evil.example"@example.com',
    '"a b"@example.com',
    'alice @example.com',
    'alice@ example.com',
    ' alice@example.com',
    'alice@example.com ',
    'alice@example.com\n',
    'alice\n@example.com',
    'alice\0@example.com',
    'alice@evil.example\0@example.com',
    'alice\t@example.com',
    'alice@evil.example,bob@example.com',
    'alice@evil.example;bob@example.com',
    'Alice <alice@example.com',
    '<alice@evil.example>@example.com',
    'alice(@evil.example)@example.com',
    'alice\\@example.com',
    'alice@evil.example:x@example.com',
    'alice\uff20evil.example@example.com',
    'alice\u200b@example.com',
    'alice@example.com\u200b',
    'alice@example\uff0ecom',
    'alice@example\u3002com',
    'alice@ex\u0430mple.com',
    'alice@example.\u0441om',
    'alice@\uff45xample.com',
    'alice@[example.com',
    'al\u00adice@example.com',
    '\u212aim@example.com',
    'm\u00fcller@example.com',
  ]) {
    test(JSON.stringify(email), () => assert.equal(matches(email), false))
  }

  test('not even of the same look-alike letters', () => {
    const kelvin = createEmailDomains(['kelvin.example'])
    assert.equal(kelvin('alice@kelvin.example'), true)
    assert.equal(kelvin('alice@\u212aelvin.example'), false)
  })
})

test('* is everyone, wherever it stands', () => {
  const everyone = createEmailDomains(['example.com', '*'])
  for (const email of ['', 'alice@other.example', 'no address', 'a@b@c']) {
    assert.equal(everyone(email), true)
  }
})

test('no domains are nobody', () => {
  assert.equal(createEmailDomains([])('alice@example.com'), false)
})

test('entries that name no domain match nobody', () => {
  const odd = createEmailDomains(['', '.', '*.', '@example.com', '**'])
  for (const email of ['alice@example.com', 'alice@x.', 'alice@', 'alice']) {
    assert.equal(odd(email), false)
  }
})

test('the domain is what stands behind the only @', () => {
  assert.equal(domainOfEmail('alice@Example.com'), 'Example.com')
  assert.equal(domainOfEmail('alice@a@b'), undefined)
})

test('folds the case of ASCII letters only', () => {
  assert.equal(foldCase('ÄBC\u212aÉ'), 'Äbc\u212aÉ')
})
