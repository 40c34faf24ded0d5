import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isAlive, remainingMs } from '../../../src/session/lifetime.ts'
import { someSession } from '../../support/sessions.ts'

const now = 1_000_000_000

const lives: readonly (readonly [createdAt: number, expiresAt: number, alive: boolean])[] = [
  [now, 0, true],
  [now, now + 1, true],
  [now, now, false],
  [now, now - 1, false],
  [now + 300_000, 0, true],
  [now + 300_001, 0, false],
  [now + 300_001, now + 600_000, false],
]

for (const [createdAt, expiresAt, alive] of lives) {
  const end = expiresAt === 0 ? 'no end' : `an end at ${expiresAt - now} ms`
  test(`SEC-29: made at ${createdAt - now} ms, with ${end}: ${alive ? 'alive' : 'over'}`, () => {
    assert.equal(isAlive(someSession({ createdAt, expiresAt }), now), alive)
  })
}

test('a session has left what its end says, and at least a millisecond', () => {
  assert.equal(remainingMs(someSession({ expiresAt: now + 5 }), now), 5)
  assert.equal(remainingMs(someSession({ expiresAt: now - 5 }), now), 1)
  assert.equal(remainingMs(someSession({ expiresAt: 0 }), now), undefined)
})
