import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCrossOrigin } from '../../../src/fronts/cross-origin.ts'

const crossOrigin = createCrossOrigin({ cors_allowed_origins: ['https://spa.example.com'] })

test('an allowed origin may read the answer, by name and with credentials', () => {
  assert.deepEqual(crossOrigin({ origin: 'https://spa.example.com' }), {
    vary: 'Origin',
    'access-control-allow-origin': 'https://spa.example.com',
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'WWW-Authenticate, Retry-After',
  })
})

test('no other may, however like it is', () => {
  for (const origin of [
    undefined,
    'null',
    '*',
    'http://spa.example.com',
    'https://spa.example.com:8443',
    'https://spa.example.com.evil.example',
    'https://SPA.example.com',
  ]) {
    assert.deepEqual(crossOrigin({ origin }), { vary: 'Origin' })
  }
})

test('without the option there is no such header', () => {
  const off = createCrossOrigin({ cors_allowed_origins: [] })
  assert.deepEqual(off({ origin: 'https://spa.example.com' }), {})
})
