import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createHeardChanges } from '../../../src/session/heard-changes.ts'

test('a change counts for what was read before it', () => {
  const changes = createHeardChanges(1024)
  const slot = changes.slotOf('key')
  const before = changes.mark()
  assert.ok(changes.isUnchanged(slot, before))
  changes.changed('key')
  assert.ok(!changes.isUnchanged(slot, before))
  assert.ok(changes.isUnchanged(slot, changes.mark()))
  changes.changedAll()
  assert.ok(!changes.isUnchanged(changes.slotOf('other'), before))
})

test('nothing is heard before the channel began, nor of what was read before that', () => {
  const changes = createHeardChanges(8)
  const early = changes.mark()
  assert.equal(changes.heardUntil(early), 0)
  changes.began(100)
  assert.equal(changes.heardUntil(early), 0)
  const mark = changes.mark()
  assert.equal(changes.heardUntil(mark), 100)
  changes.heard(200)
  assert.equal(changes.heardUntil(mark), 200)
  changes.lost()
  assert.equal(changes.heardUntil(changes.mark()), 0)
  const between = changes.mark()
  changes.began(300)
  assert.equal(changes.heardUntil(mark), 0, 'what changed in between was not told')
  assert.equal(changes.heardUntil(between), 0)
  assert.equal(changes.heardUntil(changes.mark()), 300)
})

type Step =
  | { readonly kind: 'change' | 'read'; readonly key: number }
  | { readonly kind: 'flush' | 'lose' | 'begin' }

const key = fc.integer({ min: 0, max: 9 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constantFrom('change', 'read'), key }),
  fc.record({ kind: fc.constantFrom('flush', 'lose', 'begin') }),
)

test('in any order of reads, changes and breaks, a copy that counts as good is the latest', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.constantFrom(1, 4, 1024), (steps, slots) => {
      const changes = createHeardChanges(slots)
      const versions = new Map<number, number>()
      const copies = new Map<number, { version: number; mark: number }>()
      const versionOf = (of: number) => versions.get(of) ?? 0
      let isHeard = false
      const run = (taken: Step) => {
        switch (taken.kind) {
          case 'read':
            copies.set(taken.key, { version: versionOf(taken.key), mark: changes.mark() })
            break
          case 'change':
            versions.set(taken.key, versionOf(taken.key) + 1)
            if (isHeard) changes.changed(`key-${taken.key}`)
            break
          case 'flush':
            for (let of = 0; of < 10; of += 1) versions.set(of, versionOf(of) + 1)
            if (isHeard) changes.changedAll()
            break
          case 'lose':
            isHeard = false
            changes.lost()
            break
          case 'begin':
            if (!isHeard) changes.began(1)
            isHeard = true
        }
      }
      for (const taken of steps) {
        run(taken)
        for (const [of, { version, mark }] of copies) {
          const slot = changes.slotOf(`key-${of}`)
          const isGood = changes.heardUntil(mark) > 0 && changes.isUnchanged(slot, mark)
          if (isGood) assert.equal(version, versionOf(of))
        }
      }
    }),
  )
})
