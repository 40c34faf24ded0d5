import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSeenBefore } from '../../../src/lib/seen-before.ts'

test('knows what it was asked about before', () => {
  const isSeenBefore = createSeenBefore(1024)
  assert.equal(isSeenBefore('a'), false)
  assert.equal(isSeenBefore('b'), false)
  assert.equal(isSeenBefore('a'), true)
  assert.equal(isSeenBefore('a'), true)
})

test('of more than there is place for it forgets the earlier ones', () => {
  const isSeenBefore = createSeenBefore(64)
  const texts = Array.from({ length: 1000 }, (_, index) => `text ${index}`)
  for (const text of texts) isSeenBefore(text)
  const known = texts.filter((text) => isSeenBefore(text))
  assert.ok(known.length <= 64, `${known.length}`)
})

test('takes different texts for the same about never', () => {
  const isSeenBefore = createSeenBefore(64 * 1024)
  const mistaken = Array.from({ length: 20_000 }, (_, index) => isSeenBefore(`${index}`))
  assert.ok(mistaken.filter(Boolean).length < 10)
})
