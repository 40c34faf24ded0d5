import assert from 'node:assert/strict'
import { test } from 'node:test'
import { median, quantile } from '../../bench/statistics.ts'

test('the median is the value in the middle, whatever their order', () => {
  assert.equal(median([30, 1, 200]), 30)
  assert.equal(median([7]), 7)
})

test('the median of an even number of values is the lower of the two', () => {
  assert.equal(median([4, 1, 3, 2]), 2)
})

test('a quantile is the value that this share of the values does not exceed', () => {
  const values = Array.from({ length: 1_000 }, (_, index) => index + 1)
  assert.deepEqual(
    [0, 0.5, 0.99, 0.999, 1].map((share) => quantile(values, share)),
    [1, 500, 990, 999, 1_000],
  )
})

test('of no values there is no quantile', () => {
  assert.ok(Number.isNaN(quantile([], 0.5)))
})
