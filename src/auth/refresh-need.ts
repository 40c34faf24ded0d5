// When a session is refreshed. Four times, each on its own: how old its tokens are, the ends of the
// access and the ID token, and (not here) the end of the session itself.
import type { Session } from '../core/session.ts'

export interface RefreshTimes {
  /** Milliseconds; 0 = tokens are not looked at after the sign-in. */
  readonly cookie_refresh: number
  /** Milliseconds before the end of the access token. */
  readonly access_token_refresh_before: number
  /** Milliseconds before the end of the ID token; 0 = its end is not looked at. */
  readonly id_token_refresh_before: number
}

/** `due`: in the background, the access token is good. `over`: it is not, nobody passes before. */
export type RefreshNeed = 'none' | 'due' | 'over'

export function refreshNeed(times: RefreshTimes, session: Session, now: number): RefreshNeed {
  if (times.cookie_refresh === 0) return 'none'
  const { refreshedAt, tokenExpiresAt, idTokenExpiresAt } = session
  if (tokenExpiresAt !== 0 && tokenExpiresAt <= now) return 'over'
  const isDue =
    now - refreshedAt >= times.cookie_refresh ||
    now >= ahead(refreshedAt, tokenExpiresAt, times.access_token_refresh_before) ||
    now >= ahead(refreshedAt, idTokenExpiresAt, times.id_token_refresh_before)
  return isDue ? 'due' : 'none'
}

/** Not before half of its life: a token that lives shorter than `beforeMs` is used as well. */
function ahead(fromMs: number, endMs: number, beforeMs: number): number {
  if (endMs <= fromMs || beforeMs === 0) return Infinity
  return endMs - Math.min(beforeMs, (endMs - fromMs) / 2)
}
