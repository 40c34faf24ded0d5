import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { rulePath } from '../../../src/fronts/rule-path.ts'

const readable: readonly (readonly [string, string])[] = [
  ['/', '/'],
  ['/public', '/public'],
  ['/public/', '/public/'],
  ['/public?a=b', '/public'],
  ['/public?', '/public'],
  ['/public?next=//evil.example/../%2f%00', '/public'],
  ['/%70ublic', '/public'],
  ['/%41', '/A'],
  ['/a%20b', '/a b'],
  ['/caf%C3%A9', '/café'],
  ['/caf%c3%a9', '/café'],
  ['/%F0%9F%94%91', '/🔑'],
  ['/%EF%BD%81%C2%BD', '/ａ½'],
  ["/~user/a-b_c.d!$&'()*+,=:@", "/~user/a-b_c.d!$&'()*+,=:@"],
  ['/.well-known/x', '/.well-known/x'],
  ['/a/...', '/a/...'],
  ['/.../a', '/.../a'],
  ['/a..b/..c/d..', '/a..b/..c/d..'],
]

describe('SEC-4: the path without query, decoded once', () => {
  for (const [uri, path] of readable) {
    test(`${uri} is ${path}`, () => assert.equal(rulePath(uri), path))
  }
})

const ambiguous: Readonly<Record<string, readonly string[]>> = {
  'another form than a path': [
    '',
    '*',
    'public',
    'http://app.example.com/public',
    'https://evil.example/public',
    'app.example.com:443',
    '?/public',
    ' /public',
    '\\public',
  ],
  'empty segments': ['//', '//public', '/a//b', '/a//', '///', '//evil.example/public'],
  'dot segments': ['/.', '/..', '/./a', '/a/.', '/a/..', '/a/../b', '/a/./b', '/public/../admin'],
  'encoded dots': ['/%2e', '/a/%2e%2e/b', '/a/.%2e/b', '/a/%2E./b', '/file%2epdf'],
  'encoded slashes': ['/a%2fb', '/a%2Fb', '/public%2f..%2fadmin', '/%2f%2fevil.example'],
  backslashes: ['/a\\b', '/public\\..\\admin', '/a%5cb', '/public/..%5Cadmin', '/\\evil.example'],
  'path parameters': [
    '/a;b',
    '/public;/../admin',
    '/public/..;/admin',
    '/admin;x.css',
    '/a%3bb',
    '/a%3B',
    '/;/admin',
  ],
  fragments: ['/a#b', '/public#/admin', '/a?b#c', '/a%23b', '/admin%23/public', '/#'],
  'encoded query marks': ['/a%3fb', '/public%3F/admin'],
  'double encoding': ['/a%252fb', '/%2570ublic', '/a%25', '/public/%252e%252e/admin', '/100%25'],
  'control characters': ['/a%00b', '/a%0d%0ab', '/a%09', '/a%7f', '/a%1f', '/a%C2%85b', '/%C2%80'],
  'bytes that are no UTF-8': [
    '/%ff',
    '/%c0%ae%c0%ae/admin',
    '/%c0%af',
    '/%e0%80%af',
    '/%ed%a0%80',
    '/%C3',
    '/%f4%90%80%80',
  ],
  'broken escapes': ['/%', '/a%2', '/a%zz', '/%u002e%u002e/admin', '/%-1'],
  'raw bytes beyond printable ASCII': [
    '/a b',
    '/a\tb',
    '/a\nb',
    '/a\0b',
    '/café',
    '/a\u007f',
    '/a\u00a0',
  ],
  'letters that fold to syntax': [
    `/a${encodeURIComponent('／')}b`,
    `/${encodeURIComponent('．．')}/admin`,
    `/${encodeURIComponent('‥')}/admin`,
    `/a${encodeURIComponent('＼')}b`,
    `/a${encodeURIComponent('；')}b`,
    `/a${encodeURIComponent('％')}2fb`,
    `/a${encodeURIComponent('？')}b`,
    `/a${encodeURIComponent('＃')}b`,
    `/a${encodeURIComponent('…')}`,
  ],
}

for (const [what, uris] of Object.entries(ambiguous)) {
  describe(`SEC-5: no rule sees ${what}`, () => {
    for (const uri of uris) {
      test(JSON.stringify(uri), () => assert.equal(rulePath(uri), undefined))
    }
  })
}

test('SEC-5: a path is what a WHATWG parser reads, and decoding it again changes nothing', () => {
  const pieces = '/ . .. // a admin %61 %c3%a9 %2e %2f %5c %252e %23 %3b %3f %00 %ff % ; # ? \\ @ :'
  const piece = fc.constantFrom(...pieces.split(' '), ' ', 'é', encodeURIComponent('‥'))
  const uri = fc.array(piece, { maxLength: 8 }).map((parts) => `/${parts.join('')}`)
  fc.assert(
    fc.property(uri, (text) => {
      const path = rulePath(text)
      if (path === undefined) return
      const { pathname } = new URL(text, 'https://app.example.com')
      assert.equal(decodeURIComponent(pathname), path)
      assert.equal(decodeURIComponent(path), path)
      const segments = path.split('/')
      assert.ok(!segments.some((segment) => segment === '.' || segment === '..'), path)
      assert.ok(!segments.slice(1, -1).includes(''), path)
    }),
    { numRuns: 5000 },
  )
})
