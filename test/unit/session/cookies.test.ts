import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCookieWriter, type CookieAttributes } from '../../../src/session/cookies.ts'

const attributes: CookieAttributes = {
  cookie_domains: [],
  cookie_path: '/',
  cookie_secure: true,
  cookie_httponly: true,
  cookie_samesite: '',
}

const domains = ['example.com', '.app.example.com', 'example.org']

const choices: readonly (readonly [domains: readonly string[], host: string, domain?: string])[] = [
  [[], 'app.example.com'],
  [domains, 'example.com', 'example.com'],
  [domains, 'www.example.com', 'example.com'],
  [domains, 'www.example.com:8443', 'example.com'],
  [domains, 'app.example.com', 'app.example.com'],
  [domains, 'deep.app.example.com', 'app.example.com'],
  [domains, 'WWW.Example.COM', 'example.com'],
  [['Example.COM'], 'www.example.com', 'example.com'],
  [domains, 'example.org', 'example.org'],
  // At a label boundary only.
  [['ample.com', 'com.example.net'], 'example.com', 'ample.com'],
  [['example.com', 'a.example.net'], 'badexample.com', 'example.com'],
  [['x.example.com', 'le.com'], 'x.badexample.com', 'le.com'],
  // None fits: the shortest.
  [['long.example.com', 'example.net'], 'example.org', 'example.net'],
  [['example.net'], '', 'example.net'],
  [['example.net'], '[2001:db8::1]:8443', 'example.net'],
  // A domain with a port is none that a browser knows.
  [['localhost:4180'], 'localhost:4180'],
  [['localhost:4180', 'example.com'], 'www.example.com', 'example.com'],
]

for (const [listed, host, domain] of choices) {
  test(`of [${listed.join(', ')}] the domain for '${host}' is ${domain ?? 'none'}`, () => {
    const writer = createCookieWriter({ ...attributes, cookie_domains: listed })
    assert.equal(writer.write('name', 'value', { host }).domain, domain)
    assert.equal(writer.erase('name', host).domain, domain)
  })
}

test('SEC-27: cookies are Secure, HttpOnly and SameSite=Lax by default', () => {
  const cookie = createCookieWriter(attributes).write('name', 'value', { host: 'example.com' })
  assert.deepEqual(cookie, {
    name: 'name',
    value: 'value',
    path: '/',
    httpOnly: true,
    secure: true,
    sameSite: 'lax',
  })
})

test('SEC-27: a __Host- cookie never has a domain', () => {
  const writer = createCookieWriter({ ...attributes, cookie_domains: ['example.com'] })
  const host = 'www.example.com'
  assert.equal(writer.write('__Host-session', 'x', { host }).domain, undefined)
  assert.equal(writer.erase('__Host-session_0', host).domain, undefined)
  assert.equal(writer.write('__Secure-session', 'x', { host }).domain, 'example.com')
})

test('takes path and flags from the options', () => {
  const writer = createCookieWriter({
    ...attributes,
    cookie_path: '/app',
    cookie_secure: false,
    cookie_httponly: false,
    cookie_samesite: 'strict',
  })
  assert.deepEqual(writer.write('name', 'value', { host: 'example.com', maxAgeSeconds: 60 }), {
    name: 'name',
    value: 'value',
    path: '/app',
    maxAgeSeconds: 60,
    httpOnly: false,
    secure: false,
    sameSite: 'strict',
  })
})

for (const [option, sameSite] of [
  ['', 'lax'],
  ['lax', 'lax'],
  ['strict', 'strict'],
  ['none', 'none'],
  ['unheard-of', 'lax'],
] as const) {
  test(`cookie_samesite '${option}' means ${sameSite}`, () => {
    const writer = createCookieWriter({ ...attributes, cookie_samesite: option })
    assert.equal(writer.write('name', 'value', { host: '' }).sameSite, sameSite)
  })
}

test('deletes with the attributes it writes with', () => {
  const writer = createCookieWriter({ ...attributes, cookie_domains: ['example.com'] })
  const host = 'www.example.com'
  const written = writer.write('name', 'value', { host, maxAgeSeconds: 60 })
  assert.deepEqual(writer.erase('name', host), { ...written, value: '', maxAgeSeconds: 0 })
})
