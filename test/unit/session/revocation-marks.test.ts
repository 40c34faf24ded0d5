import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SessionSelector } from '../../../src/session/directory.ts'
import {
  createMarkSet,
  decodeMark,
  encodeMark,
  marksOf,
} from '../../../src/session/revocation-marks.ts'
import { someSession } from '../../support/sessions.ts'

const at = someSession().createdAt

function revoked(selector: SessionSelector, before = at) {
  const set = createMarkSet()
  for (const mark of marksOf(selector, before)) set.add(mark, at + 1_000)
  return set
}

const covering: readonly SessionSelector[] = [
  { by: 'id', id: 'session-1' },
  { by: 'sub', sub: 'alice-sub' },
  { by: 'user', user: 'alice-sub' },
  { by: 'user', user: 'Alice@Example.com' },
  { by: 'sid', sid: 'provider-session-1' },
  { by: 'sid', sid: 'provider-session-1', sub: 'alice-sub' },
  { by: 'all' },
]

for (const selector of covering) {
  test(`a mark of ${JSON.stringify(selector)} covers the session, and none that began later`, () => {
    const set = revoked(selector)
    assert.ok(set.matches(someSession()))
    assert.ok(!set.matches(someSession({ createdAt: at + 1 })))
    assert.ok(!createMarkSet().matches(someSession()))
  })
}

const sparing: readonly SessionSelector[] = [
  { by: 'id', id: 'session-2' },
  { by: 'id', id: '' },
  { by: 'sub', sub: 'Alice-sub' },
  { by: 'sub', sub: 'alice@example.com' },
  { by: 'sub', sub: '' },
  { by: 'user', user: '' },
  { by: 'user', user: 'session-1' },
  { by: 'sid', sid: 'other' },
  { by: 'sid', sid: '' },
  { by: 'sid', sid: 'other', sub: 'alice-sub' },
]

for (const selector of sparing) {
  test(`a mark of ${JSON.stringify(selector)} spares the session`, () => {
    assert.ok(!revoked(selector).matches(someSession()))
  })
}

test('a sid with its sub covers sessions of that person that never learned theirs', () => {
  const set = revoked({ by: 'sid', sid: 'other', sub: 'alice-sub' })
  assert.ok(set.matches(someSession({ providerSid: '' })))
  const nobody = { user: '', email: '', groups: [], preferredUsername: '' }
  assert.ok(!set.matches(someSession({ providerSid: '', identity: nobody })))
  assert.ok(!revoked({ by: 'user', user: '' }).matches(someSession({ identity: nobody })))
})

test('the latest mark of a name counts, in whichever order they come', () => {
  for (const befores of [
    [at - 5, at],
    [at, at - 5],
  ]) {
    const set = createMarkSet()
    for (const before of befores) set.add({ kind: 'all', name: '', before }, at + 1_000)
    assert.ok(set.matches(someSession()))
  }
})

test('forgets marks at their end', () => {
  const set = revoked({ by: 'all' })
  set.prune(at + 999)
  assert.ok(set.matches(someSession()))
  set.prune(at + 1_000)
  assert.ok(!set.matches(someSession()))
})

test('a mark comes back as it went, and nothing else is one', () => {
  for (const selector of covering) {
    for (const mark of marksOf(selector, at)) assert.deepEqual(decodeMark(encodeMark(mark)), mark)
  }
  for (const other of [
    null,
    1,
    'x',
    [],
    {},
    { kind: 'x', name: '', before: 1 },
    { kind: 'all', name: '' },
  ]) {
    assert.equal(decodeMark(Buffer.from(JSON.stringify(other))), undefined)
  }
})
