import assert from 'node:assert/strict'
import { test } from 'node:test'
import { remembered } from '../../../src/lib/remembered.ts'

function counted(limit: number) {
  const computed: string[] = []
  const length = remembered((text) => {
    computed.push(text)
    return text.length
  }, limit)
  return { computed, length }
}

test('computes the result of a text once', () => {
  const { computed, length } = counted(2)
  assert.deepEqual([length('ab'), length('ab'), length('abc'), length('ab')], [2, 2, 3, 2])
  assert.deepEqual(computed, ['ab', 'abc'])
})

test('forgets all at its limit, and still gives the right result', () => {
  const { computed, length } = counted(2)
  assert.deepEqual([length('a'), length('b'), length('cc'), length('a')], [1, 1, 2, 1])
  assert.deepEqual(computed, ['a', 'b', 'cc', 'a'])
})
