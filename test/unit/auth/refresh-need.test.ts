import assert from 'node:assert/strict'
import { test } from 'node:test'
import { refreshNeed, type RefreshNeed, type RefreshTimes } from '../../../src/auth/refresh-need.ts'
import type { Session } from '../../../src/core/session.ts'
import { someSession } from '../../support/sessions.ts'

const minute = 60_000
const signedInAt = someSession().refreshedAt
const defaults = {
  cookie_refresh: 600 * minute,
  access_token_refresh_before: minute,
  id_token_refresh_before: 0,
}

/** From that minute after the sign-in on, what is needed. */
type Case = readonly [
  times: Partial<RefreshTimes>,
  ends: Partial<Pick<Session, 'tokenExpiresAt' | 'idTokenExpiresAt'>>,
  needs: Readonly<Record<number, RefreshNeed>>,
]

const cases: readonly Case[] = [
  [{}, {}, { 0: 'none', 600: 'due' }],
  [{ cookie_refresh: 10 * minute }, {}, { 0: 'none', 10: 'due' }],
  [{ cookie_refresh: 0 }, { tokenExpiresAt: 1, idTokenExpiresAt: 1 }, { 0: 'none' }],
  // The access token: in the background ahead of its end, then everyone waits.
  [{}, { tokenExpiresAt: 60 }, { 0: 'none', 59: 'due', 60: 'over' }],
  [{ access_token_refresh_before: 5 * minute }, { tokenExpiresAt: 60 }, { 0: 'none', 55: 'due' }],
  [{ access_token_refresh_before: 0 }, { tokenExpiresAt: 60 }, { 0: 'none', 60: 'over' }],
  [
    { access_token_refresh_before: 90 * minute },
    { tokenExpiresAt: 60 },
    { 0: 'none', 30: 'due', 60: 'over' },
  ],
  // The ID token: nobody is kept from passing by its end.
  [{}, { idTokenExpiresAt: 60 }, { 0: 'none', 600: 'due' }],
  [
    { id_token_refresh_before: 2 * minute },
    { idTokenExpiresAt: 60, tokenExpiresAt: 120 },
    { 0: 'none', 58: 'due', 119: 'due', 120: 'over' },
  ],
  [{ id_token_refresh_before: 2 * minute }, { idTokenExpiresAt: 0 }, { 0: 'none', 600: 'due' }],
]

for (const [times, ends, needs] of cases) {
  test(`with ${JSON.stringify(times)} and tokens that end at ${JSON.stringify(ends)}`, () => {
    const at = (after = 0): number => (after === 0 ? 0 : signedInAt + after * minute)
    const session = someSession({
      tokenExpiresAt: at(ends.tokenExpiresAt),
      idTokenExpiresAt: at(ends.idTokenExpiresAt),
    })
    let previous: RefreshNeed | undefined
    for (const [after, need] of Object.entries(needs)) {
      const then = signedInAt + Number(after) * minute
      const asked = (now: number) => refreshNeed({ ...defaults, ...times }, session, now)
      if (previous) assert.equal(asked(then - 1), previous, `before minute ${after}`)
      assert.equal(asked(then), need, `at minute ${after}`)
      previous = need
    }
  })
}
