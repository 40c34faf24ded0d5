import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createRecentCache } from '../../../src/lib/recent-cache.ts'

test('gives back what was set, and nothing else', () => {
  const cache = createRecentCache<number>(100)
  cache.set('a', 1, 10)
  cache.set('a', 2, 10)
  assert.equal(cache.get('a'), 2)
  assert.equal(cache.get('b'), undefined)
  cache.delete('a')
  assert.equal(cache.get('a'), undefined)
})

test('forgets what was not used, keeps what was', () => {
  const cache = createRecentCache<number>(100)
  cache.set('used', 1, 10)
  cache.set('unused', 2, 10)
  for (let index = 0; index < 50; index += 1) {
    cache.set(`other-${index}`, index, 10)
    assert.equal(cache.get('used'), 1)
  }
  assert.equal(cache.get('unused'), undefined)
})

test('keeps a value larger than its limit until the next one comes', () => {
  const cache = createRecentCache<number>(100)
  cache.set('large', 1, 1000)
  assert.equal(cache.get('large'), 1)
  cache.set('a', 2, 1)
  cache.set('b', 3, 1000)
  assert.equal(cache.get('large'), undefined)
})

test('a flood of what comes once pushes nothing out that is in use', () => {
  const cache = createRecentCache<number>(1000)
  const inUse = Array.from({ length: 50 }, (_, index) => `in-use-${index}`)
  for (const key of inUse) cache.set(key, 1, 10)
  for (let round = 0; round < 100; round += 1) {
    for (const key of inUse) assert.equal(cache.get(key), 1)
    for (let index = 0; index < 40; index += 1) cache.set(`once-${round}-${index}`, 2, 10)
  }
})

test('what was used long ago does not stay in the place of all that comes', () => {
  const cache = createRecentCache<number>(30)
  for (const key of ['old-1', 'old-2', 'unused']) cache.set(key, 1, 10)
  cache.get('old-1')
  cache.get('old-2')
  // Forgets the last one, behind which the next ones come.
  for (const key of ['new-1', 'new-2', 'new-3']) cache.set(key, 2, 10)
  const kept = ['old-1', 'old-2', 'new-1', 'new-2', 'new-3'].filter((key) => cache.get(key))
  assert.deepEqual(kept, ['new-1', 'new-2', 'new-3'])
})

test('who comes for a while is found all that time, however many came before', () => {
  const cache = createRecentCache<number>(100)
  const missed: number[] = []
  for (let person = 0; person < 1000; person += 1) {
    cache.set(`${person}`, person, 1)
    // Twice more, when twenty and when forty others have come; then never again.
    for (const earlier of [person - 20, person - 40]) {
      if (earlier >= 0 && cache.get(`${earlier}`) === undefined) missed.push(earlier)
    }
  }
  assert.deepEqual(missed, [])
})

test('keeps as much as fits, and no more', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    action: fc.constantFrom('set', 'get', 'delete'),
    bytes: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
      const cache = createRecentCache<number>(80)
      const set = new Map<string, number>()
      let sumOfSet = 0
      for (const { key, action, bytes } of steps) {
        if (action === 'get') cache.get(key)
        else {
          cache.delete(key)
          sumOfSet -= set.get(key) ?? 0
          set.delete(key)
        }
        if (action !== 'set') continue
        cache.set(key, bytes, bytes)
        set.set(key, bytes)
        sumOfSet += bytes
        // Nothing is forgotten while all fit.
        if (sumOfSet <= 80) assert.equal(cache.get(key), bytes)
      }
      const kept = [...set.keys()].map((key) => cache.get(key) ?? 0)
      assert.ok(kept.reduce((sum, some) => sum + some, 0) <= 80)
    }),
  )
})

test('never gives a value that was deleted or replaced', () => {
  const step = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'),
    action: fc.constantFrom('set', 'get', 'delete'),
    bytes: fc.integer({ min: 1, max: 40 }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const cache = createRecentCache<number>(80)
      const latest = new Map<string, number>()
      for (const [index, { key, action, bytes }] of steps.entries()) {
        if (action === 'set') {
          cache.set(key, index, bytes)
          latest.set(key, index)
        } else if (action === 'delete') {
          cache.delete(key)
          latest.delete(key)
        } else {
          const value = cache.get(key)
          if (value !== undefined) assert.equal(value, latest.get(key))
        }
      }
    }),
  )
})
