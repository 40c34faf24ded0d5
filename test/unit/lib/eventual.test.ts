import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whenKnown } from '../../../src/lib/eventual.ts'

test('uses what is known at once, and waits for what is not', async () => {
  assert.equal(
    whenKnown(1, (value) => value + 1),
    2,
  )
  const later = whenKnown(Promise.resolve(1), (value) => value + 1)
  assert.ok(later instanceof Promise)
  assert.equal(await later, 2)
})
