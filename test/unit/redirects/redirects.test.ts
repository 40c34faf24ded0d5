import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRedirects } from '../../../src/redirects/redirects.ts'

const { isAllowed, choose, named } = createRedirects({
  whitelist_domains: [
    'exact.example',
    '.below.example',
    '*.star.example',
    'Ports.Example:8443',
    '.any.example:*',
    '[2001:db8::1]:8443',
    '192.0.2.1',
    'xn--mnchen-3ya.example',
    '*',
    '.',
    '*.',
    '',
  ],
  proxy_prefix: '/oauth2',
})

describe('deep links survive unchanged', () => {
  for (const target of [
    '/',
    '/a',
    '/a/',
    '/a/b.c/d_e~f',
    '/a%20b/%C3%BC',
    '/group%2Fproject/-/issues',
    '/a?b=c&d=e',
    '/a?next=https://other.example/x//y',
    '/a?next=//other.example/../z',
    '/a?q=line%0Aline%09',
    '/a?q={"a":[1]}|^`',
    '/?q=//x',
    '/#/route//sub',
    '/a#section?x=//y',
    '/a?b#c?d',
    '/...',
    '/.well-known/x',
    '/a.b/..c/d..',
    '/a:b@c;d,e=f',
    '/@user',
    '/~user',
    '/https:/x',
    '/*',
    '/%25',
    '/[x]',
    '/oauth2/sign_in',
    `/${'a'.repeat(2047)}`,
    'https://exact.example',
    'http://exact.example/',
    'https://exact.example/a?b=c#d',
    'https://exact.example?b',
    'https://exact.example#d',
    'https://exact.example/a//b',
    'https://exact.example/a?next=https://other.example/',
    'https://EXACT.Example/A',
    'https://below.example/',
    'https://a.below.example/',
    'https://a.b.below.example/',
    'https://star.example/',
    'https://a.star.example/',
    'https://ports.example:8443/',
    'https://PORTS.example:8443/',
    'https://any.example/',
    'https://any.example:1/',
    'https://a.any.example:443/',
    'https://[2001:db8::1]:8443/',
    'https://[2001:DB8::1]:8443/',
    'https://192.0.2.1/',
    'https://xn--mnchen-3ya.example/',
  ]) {
    test(target.slice(0, 80), () => {
      assert.equal(isAllowed(target), true)
      const nothing = { authRequestRedirect: undefined, forwarded: undefined, uri: '/' }
      assert.equal(choose({ rd: target, ...nothing }), target)
    })
  }
})

describe('not allowed', () => {
  for (const target of [
    '',
    'a',
    '?a',
    '#a',
    '//exact.example/',
    '/a//b',
    '/a/../b',
    '/a/..',
    '/a/%2e%2e/b',
    '/%2fb',
    '/a%09',
    '/a b',
    '/ä',
    '/a\\b',
    `/${'a'.repeat(2048)}`,
    `https://exact.example/${'a'.repeat(2048)}`,
    'https://sub.exact.example/',
    'https://exact.example:443/',
    'https://exact.example:8443/',
    'https://exact.example./',
    'https://user@exact.example/',
    'HTTPS://exact.example/',
    'ftp://exact.example/',
    'https://xbelow.example/',
    'https://ports.example/',
    'https://ports.example:443/',
    'https://ports.example:08443/',
    'https://a.ports.example:8443/',
    'https://any.example:65536/',
    'https://any.example:/',
    'https://[2001:db8::1]/',
    'https://[2001:db8:0::1]:8443/',
    'https://3221225985/',
    'https://0xc0.0.2.1/',
    'https://münchen.example/',
    'https://other.example/',
    'https://other.example./',
    'https://*/',
  ]) {
    test(JSON.stringify(target.slice(0, 80)), () => assert.equal(isAllowed(target), false))
  }

  test('without a whitelist, any absolute target', () => {
    const none = createRedirects({ whitelist_domains: [], proxy_prefix: '/oauth2' })
    assert.equal(none.isAllowed('https://exact.example/'), false)
    assert.equal(none.isAllowed('/a'), true)
  })
})

describe('chooses the first allowed of', () => {
  const forwarded = { scheme: 'https', host: 'exact.example', uri: '/forwarded' }
  const all = { rd: '/rd', authRequestRedirect: '/header', forwarded, uri: '/uri' }
  const bad = '//evil.example'

  test('rd', () => assert.equal(choose(all), '/rd'))

  test('the header when rd is absent or not allowed', () => {
    assert.equal(choose({ ...all, rd: undefined }), '/header')
    assert.equal(choose({ ...all, rd: '' }), '/header')
    assert.equal(choose({ ...all, rd: bad }), '/header')
  })

  const none = { ...all, rd: bad, authRequestRedirect: bad }

  test('the forwarded request', () => {
    assert.equal(choose(none), 'https://exact.example/forwarded')
  })

  test('the forwarded host alone when its path is the portal’s', () => {
    const onPortal = { ...forwarded, uri: '/oauth2/sign_in?rd=/x' }
    assert.equal(choose({ ...none, forwarded: onPortal }), 'https://exact.example/')
  })

  test('the path when the forwarded host or scheme is not allowed', () => {
    assert.equal(choose({ ...none, forwarded: { ...forwarded, host: 'evil.example' } }), '/uri')
    assert.equal(choose({ ...none, forwarded: { ...forwarded, scheme: '' } }), '/uri')
    assert.equal(choose({ ...none, forwarded: undefined }), '/uri')
  })

  test('the root when the path is the portal’s or not allowed', () => {
    const pathOnly = { ...none, forwarded: undefined }
    assert.equal(choose({ ...pathOnly, uri: '/oauth2/start?rd=x' }), '/')
    assert.equal(choose({ ...pathOnly, uri: bad }), '/')
    assert.equal(choose({ ...pathOnly, uri: '' }), '/')
    assert.equal(choose({ ...pathOnly, uri: '/oauth2x' }), '/oauth2x')
  })
})

test('escapes what decoding a query made of a deep link', () => {
  const from = (rd: string) =>
    choose({ rd, authRequestRedirect: undefined, forwarded: undefined, uri: '/' })
  assert.equal(from('/a b/café?q=日本'), '/a%20b/caf%C3%A9?q=%E6%97%A5%E6%9C%AC')
  assert.equal(from('https://exact.example/ü'), 'https://exact.example/%C3%BC')
  assert.equal(from('/\ud800'), '/%EF%BF%BD')
})

test('SEC-9: an escaped host is no host', () => {
  for (const rd of [
    'https://exact.example .evil/',
    'https://exact．example/',
    'https://ex\u00adact.example/',
  ]) {
    assert.equal(named({ rd, authRequestRedirect: undefined }), undefined)
  }
})

test('names the target that the request asks for, if it is allowed', () => {
  assert.equal(named({ rd: '/a', authRequestRedirect: '/b' }), '/a')
  assert.equal(named({ rd: '//evil', authRequestRedirect: '/b' }), '/b')
  assert.equal(named({ rd: undefined, authRequestRedirect: undefined }), undefined)
})
