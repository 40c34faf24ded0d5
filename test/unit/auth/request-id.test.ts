import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRequestId } from '../../../src/auth/request-id.ts'

const requestIdOf = createRequestId('X-Request-Id')

test('keeps a plain short token', () => {
  assert.equal(requestIdOf({ headers: { 'x-request-id': 'abc-1/2:3=@+._' } }), 'abc-1/2:3=@+._')
})

for (const given of [undefined, '', 'a b', 'a\nb', 'ü', 'x'.repeat(129), ['a', 'b']]) {
  test(`makes a new one for ${JSON.stringify(given)?.slice(0, 20)}`, () => {
    const id = requestIdOf({ headers: { 'x-request-id': given } })
    assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4/)
    assert.notEqual(id, requestIdOf({ headers: {} }))
  })
}

test('no two that are made are the same, and all look like UUIDs', () => {
  const ids = Array.from({ length: 10_000 }, () => requestIdOf({ headers: {} }))
  assert.equal(new Set(ids).size, ids.length)
  const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
  for (const id of ids) assert.match(id, uuid)
})

test('two that make them make different ones', () => {
  const other = createRequestId('X-Request-Id')
  assert.notEqual(other({ headers: {} }).slice(0, 24), requestIdOf({ headers: {} }).slice(0, 24))
})
