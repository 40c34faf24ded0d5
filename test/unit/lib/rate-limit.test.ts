import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRateLimit } from '../../../src/lib/rate-limit.ts'
import { fakeClock } from '../../support/clock.ts'

function limited() {
  const clock = fakeClock()
  const limit = createRateLimit({ burst: 3, perSecond: 2, clock })
  /** How often it may happen now. */
  const left = (key: string) => {
    let count = 0
    for (; limit.waitMs(key) === 0; count += 1) limit.count(key)
    return count
  }
  return { clock, limit, left }
}

test('a burst at once, then as many as time allows, each key on its own', () => {
  const { clock, limit, left } = limited()
  assert.equal(left('one'), 3)
  assert.equal(limit.waitMs('one'), 500)
  clock.advance(499)
  assert.equal(limit.waitMs('one'), 1)
  clock.advance(1)
  assert.equal(left('one'), 1)
  assert.equal(left('other'), 3)
  clock.advance(60_000)
  assert.equal(left('one'), 3, 'and no more after a rest')
})

test('what happens all the same does not make the wait longer', () => {
  const { limit } = limited()
  for (let count = 0; count < 100; count += 1) limit.count('one')
  assert.equal(limit.waitMs('one'), 500)
})

test('a clock that is set back locks nobody out', () => {
  const { clock, left } = limited()
  left('one')
  clock.advance(-3_600_000)
  assert.equal(left('one'), 3)
})

test('SEC-40: memory is bounded: of many keys those are known that are in use, and some ten thousand others', () => {
  const limit = createRateLimit({ burst: 1, perSecond: 0.001, clock: fakeClock() })
  const flood = Array.from({ length: 50_000 }, (_, index) => `2001:db8::${index}`)
  limit.count('in use')
  for (const [index, key] of flood.entries()) {
    limit.count(key)
    if (index % 1_000 === 0) limit.waitMs('in use')
  }
  assert.ok(limit.waitMs('in use') > 0)
  const known = flood.filter((key) => limit.waitMs(key) > 0).length
  assert.ok(known > 5_000 && known < 20_000, String(known))
})
