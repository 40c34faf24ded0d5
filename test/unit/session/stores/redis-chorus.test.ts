import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createHeardChanges } from '../../../../src/session/heard-changes.ts'
import { createChorus } from '../../../../src/session/stores/redis-chorus.ts'

function prepare() {
  const changes = createHeardChanges(64)
  const chorus = createChorus(changes)
  /** Until when what is read now is sure to be told of. */
  const heard = () => changes.heardUntil(changes.mark())
  return { changes, chorus, heard }
}

test('everything is heard only while all are, and as long as the one that is heard for the shortest', () => {
  const { chorus, heard } = prepare()
  assert.equal(heard(), 0)
  const [one, two] = [chorus.join('one'), chorus.join('two')]
  one.began(100)
  assert.equal(heard(), 0)
  two.began(90)
  assert.equal(heard(), 90)
  two.heard(200)
  assert.equal(heard(), 100)
  one.lost()
  two.heard(300)
  assert.equal(heard(), 0)
  one.began(250)
  assert.equal(heard(), 250)
})

test('what was read before one joined, left or fell silent is not trusted any more', () => {
  const { changes, chorus, heard } = prepare()
  const one = chorus.join('one')
  one.began(100)
  const steps = [
    () => chorus.join('two').began(100),
    () => {
      chorus.leave('two')
    },
    () => {
      one.lost()
      one.began(100)
    },
  ]
  for (const step of steps) {
    const mark = changes.mark()
    assert.equal(changes.heardUntil(mark), 100)
    step()
    assert.equal(changes.heardUntil(mark), 0)
    assert.equal(heard(), 100)
  }
})

test('whoever left has no say, and with nobody left nothing is heard', () => {
  const { chorus, heard } = prepare()
  const [one, two] = [chorus.join('one'), chorus.join('two')]
  one.began(100)
  two.began(100)
  chorus.leave('two')
  two.lost()
  two.heard(1)
  two.began(1)
  assert.equal(heard(), 100)
  chorus.leave('one')
  assert.equal(heard(), 0)
})

test('passes on what each tells', () => {
  const { changes, chorus } = prepare()
  const one = chorus.join('one')
  const slot = changes.slotOf('key')
  for (const tell of [
    () => {
      one.changed('key')
    },
    () => {
      one.changedAll()
    },
  ]) {
    const mark = changes.mark()
    tell()
    assert.ok(!changes.isUnchanged(slot, mark))
  }
})
