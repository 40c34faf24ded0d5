import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatSetCookie } from '../../../src/core/cookie.ts'

test('writes every attribute that a cookie has', () => {
  const cookie = {
    name: '__Secure-session',
    value: 'abc',
    path: '/app',
    domain: 'example.com',
    maxAgeSeconds: 60,
    httpOnly: true,
    secure: true,
    sameSite: 'none',
  } as const
  assert.equal(
    formatSetCookie(cookie),
    '__Secure-session=abc; Path=/app; Domain=example.com; Max-Age=60; HttpOnly; Secure; SameSite=None',
  )
})

test('writes no attribute that a cookie lacks', () => {
  const cookie = { name: 'a', value: '', path: '/', httpOnly: false, secure: false }
  assert.equal(formatSetCookie(cookie), 'a=; Path=/')
  assert.equal(formatSetCookie({ ...cookie, maxAgeSeconds: 0 }), 'a=; Path=/; Max-Age=0')
})
