import assert from 'node:assert/strict'
import { test } from 'node:test'
import { derived } from '../../../src/lib/derived.ts'

test('is made once for each value, and one that cannot be made changes nothing', () => {
  let value: readonly number[] = [1, 2]
  let made = 0
  const sum = derived(
    () => value,
    (list) => {
      made += 1
      if (list.length === 0) throw new Error('nothing')
      return list.reduce((a, b) => a + b)
    },
  )
  assert.equal(made, 1)
  assert.deepEqual([sum(), sum(), made], [3, 3, 1])
  value = []
  assert.throws(sum, /nothing/)
  assert.throws(sum, /nothing/)
  value = [1, 2]
  assert.equal(sum(), 3)
  value = [5]
  assert.deepEqual([sum(), sum()], [5, 5])
})
