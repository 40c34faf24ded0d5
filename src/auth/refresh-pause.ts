// After a refresh that failed without a refusal: when it is tried again, and who is told.
import type { UnavailableReason } from '../core/decision.ts'
import { describeError, type Unavailable } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'
import type { RefreshResult } from '../telemetry/metric-list.ts'

export interface RefreshPauses {
  /** Why this state of a session is not refreshed now; undefined = it may be. */
  reason(version: string): UnavailableReason | undefined
  failed(version: string, session: Session, error: Unavailable): void
  succeeded(version: string): void
}

export interface RefreshPausesDeps {
  readonly clock: Clock
  readonly log: Log
  readonly record: { refresh(session: Session, result: RefreshResult): void }
}

interface Pause {
  readonly reason: UnavailableReason
  readonly until: number
  readonly failures: number
}

const firstMs = 5_000
const longestMs = 30_000
/** Nobody waits longer because a `Retry-After` says so (SEC-47). */
const longestHoldMs = 5 * 60_000
const limit = 10_000

/**
 * Each state of a session backs off on its own, with jitter so that sessions and replicas do not come
 * back in step. What concerns the client as a whole, a rate limit or its own rejection, holds all of
 * them. Each kind of failure is logged once, until a refresh succeeds.
 */
export function createRefreshPauses({ clock, log, record }: RefreshPausesDeps): RefreshPauses {
  const pauses = new Map<string, Pause>()
  const told = new Set<RefreshResult>()
  let hold: Pick<Pause, 'reason' | 'until'> | undefined

  function tell(result: RefreshResult, session: Session, error: Unavailable): void {
    const cause = describeError(error)
    log.debug('refresh failed, session kept', { session: session.id, result, cause })
    if (told.has(result)) return
    told.add(result)
    log.error('refreshes fail, sessions are kept', { result, cause, fix: fixes[result] })
  }

  return {
    reason(version) {
      if (hold && clock.now() < hold.until) return hold.reason
      const pause = pauses.get(version)
      return pause && clock.now() < pause.until ? pause.reason : undefined
    },
    failed(version, session, error) {
      const result = resultOf(error)
      record.refresh(session, result)
      tell(result, session, error)
      const failures = (pauses.get(version)?.failures ?? 0) + 1
      const reason: UnavailableReason = `${error.dependency}-unavailable`
      const until = clock.now() + jittered(Math.min(firstMs * 2 ** (failures - 1), longestMs))
      pauses.delete(version)
      pauses.set(version, { reason, until, failures })
      if (pauses.size > limit) pauses.delete(pauses.keys().next().value ?? '')
      if (error.retryAfterMs !== undefined) {
        const holdMs = Math.min(error.retryAfterMs, longestHoldMs)
        hold = { reason, until: clock.now() + holdMs + jittered(firstMs) }
      } else if (error.isClientRejected) {
        hold = { reason, until }
      }
    },
    succeeded(version) {
      pauses.delete(version)
      hold = undefined
      if (told.size === 0) return
      told.clear()
      log.info('refreshes work again')
    },
  }
}

/** What an operator can do about it. */
const fixes: Readonly<Partial<Record<RefreshResult, string>>> = {
  'client-rejected': 'compare client_id and client_secret with the provider',
  'rate-limited': 'raise the limit at the provider, or cookie_refresh here',
}

function resultOf(error: Unavailable): RefreshResult {
  if (error.dependency === 'store') return 'store-unavailable'
  if (error.isClientRejected) return 'client-rejected'
  return error.retryAfterMs === undefined ? 'provider-unavailable' : 'rate-limited'
}

function jittered(ms: number): number {
  return ms / 2 + Math.random() * (ms / 2)
}
