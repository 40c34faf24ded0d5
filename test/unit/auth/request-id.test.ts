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
