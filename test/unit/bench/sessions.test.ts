import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spoil } from '../../bench/sessions.ts'

test('spoiling changes one character in the middle of each cookie and no name', () => {
  assert.equal(spoil('a_0=12345678; a_1=AAAAAAAA'), 'a_0=12A45678; a_1=AABAAAAA')
})
