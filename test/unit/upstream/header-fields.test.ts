import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionOptions, isHopByHop, toFields } from '../../../src/upstream/header-fields.ts'
import { foldName } from '../../../src/lib/header-name.ts'

test('raw headers become lines, case and duplicates kept', () => {
  assert.deepEqual(toFields(['A', '1', 'a', '2']), [
    ['A', '1'],
    ['a', '2'],
  ])
  assert.deepEqual(toFields([]), [])
})

test('SEC-6: spellings that a server could take for one name fold to one', () => {
  for (const name of ['X-User', 'x_user', 'X.User', 'X--User', '_X-User_', 'x!~user']) {
    assert.equal(foldName(name), 'x-user')
  }
  assert.notEqual(foldName('XUser'), 'x-user')
})

test('options of every Connection line are known, in any spelling', () => {
  const fields = toFields(['Connection', 'close, X-A ,,', 'X-B', 'x', 'connection', 'X_C'])
  assert.deepEqual([...connectionOptions(fields)], ['close', 'x-a', '', 'x-c'])
})

test('hop-by-hop fields are told from others', () => {
  for (const name of ['connection', 'te', 'trailer', 'transfer-encoding', 'upgrade']) {
    assert.ok(isHopByHop(name))
  }
  for (const name of ['cookie', 'content-length', 'te-x']) assert.ok(!isHopByHop(name))
})
