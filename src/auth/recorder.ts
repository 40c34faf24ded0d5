// What the outside learns of each decision: a count, and an audit line where someone may ask why.
import type { CookieWatch } from './cookie-watch.ts'
import type { LoginResult } from './login.ts'
import type { AuthRequest, FrontName } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import type { Log } from '../core/events.ts'
import type { RawRequest } from '../core/http.ts'
import type { Revoker } from '../core/revocation.ts'
import type { Session } from '../core/session.ts'
import { createSeenBefore } from '../lib/seen-before.ts'
import type { Audit, RevokedSession, Visit } from '../telemetry/audit.ts'
import type { RefreshResult } from '../telemetry/metric-list.ts'
import type { Metrics } from '../telemetry/metrics.ts'

export interface Recorder {
  check(request: AuthRequest, decision: Decision): void
  /** A front could not read the request: `message` is for the operator. */
  refused(front: FrontName, raw: RawRequest, message: string): void
  refresh(session: Session, result: RefreshResult): void
  idleEnded(session: Session): void
  signIn(request: AuthRequest, result: LoginResult): void
  signOut(request: AuthRequest, session: Session | undefined): void
  /** `visit` is that of who ended them. */
  revoked(sessions: readonly RevokedSession[], by: Revoker, visit: Visit): void
}

export interface RecorderDeps {
  readonly audit: Audit
  readonly metrics: Pick<Metrics, 'checked' | 'refreshed' | 'sessionEvent' | 'signInEnded'>
  readonly log: Log
  readonly cookieWatch: CookieWatch
}

/** Causes of refusals; a power of two. */
const rememberedCauses = 256

export function createRecorder({ audit, metrics, log, cookieWatch }: RecorderDeps): Recorder {
  const isKnown = createSeenBefore(rememberedCauses)

  return {
    check(request, decision) {
      metrics.checked(request.front, decision)
      audit.checked(request, decision)
      cookieWatch.checked(request)
    },
    refused(front, raw, message) {
      metrics.checked(front, { reason: 'bad-request' })
      // Once per cause: a gateway that is set up wrongly asks so again and again.
      if (isKnown(`${front} ${message}`)) return
      log.warn('request refused', { front, peer: raw.peer, requestId: raw.requestId, message })
    },
    refresh(session, result) {
      metrics.refreshed(result)
      if (result !== 'rejected') return
      metrics.sessionEvent('refresh-rejected')
      audit.sessionEnded(session, 'refresh-rejected')
    },
    idleEnded(session) {
      metrics.sessionEvent('idle')
      audit.sessionEnded(session, 'session-idle')
    },
    signIn(request, result) {
      switch (result.kind) {
        case 'redirect':
          if (!result.session) return
          cookieWatch.signedIn()
          metrics.signInEnded('ok')
          metrics.sessionEvent('signed-in')
          audit.signedIn(result.session, request)
          return
        case 'failed': {
          const { failure, detail, identity } = result
          metrics.signInEnded(failure)
          audit.signInFailed(failure, request, identity?.user)
          log.warn('sign-in failed', { failure, detail, requestId: request.requestId })
          return
        }
        case 'unavailable': {
          const { reason, detail } = result
          metrics.signInEnded('unavailable')
          log.warn('sign-in not possible now', { reason, detail, requestId: request.requestId })
        }
      }
    },
    signOut(request, session) {
      if (session) metrics.sessionEvent('signed-out')
      audit.signedOut(session, request)
    },
    revoked(sessions, by, visit) {
      for (const session of sessions) {
        metrics.sessionEvent('revoked')
        audit.sessionRevoked(session, by, visit)
      }
    },
  }
}
