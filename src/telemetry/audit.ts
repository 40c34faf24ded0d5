import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision, LoginReason } from '../core/decision.ts'
import type { Revoker } from '../core/revocation.ts'
import type { Session } from '../core/session.ts'
import type { SignInFailure } from '../core/sign-in-failure.ts'
import type { LineWriter } from './line-writer.ts'
import { loggedPath } from './logged-path.ts'
import { createEventLines } from './event-lines.ts'

export interface AuditOptions {
  readonly auth_logging: boolean
}

/** Whose browser did it. */
export interface Visit {
  readonly host: string
  readonly clientIp: string
  readonly requestId: string
}

/** The part of a check that the audit log shows; a request that a front refused has it too. */
export type AuditedRequest = Pick<
  AuthRequest,
  'front' | 'method' | 'host' | 'uri' | 'clientIp' | 'requestId'
>

/** Who did what, where, and why it ended so: people by `sub` and session id, never by token. */
export interface Audit {
  /** Writes nothing for a request that passes, nor for one that shows no session: nobody did it. */
  checked(request: AuditedRequest, decision: Decision): void
  signedIn(session: Session, visit: Visit): void
  /** `user` is the subject (`sub`) when the provider told it before the sign-in failed. */
  signInFailed(failure: SignInFailure, visit: Visit, user?: string): void
  /** `session` is absent when nobody was signed in. */
  signedOut(session: Session | undefined, visit: Visit): void
  /** A session that ended by itself: refused refresh, reached its end. */
  sessionEnded(session: Session, reason: LoginReason): void
  /** What somebody ended from outside its browser; without a visit on the command line. */
  sessionRevoked(session: RevokedSession, by: Revoker, visit?: Visit): void
}

/** One session; or all that this names, where nobody knows which there are. */
export interface RevokedSession {
  readonly id?: string
  readonly user?: string
  /** Of the provider. */
  readonly sid?: string
  readonly all?: true
}

export function createAudit(options: AuditOptions, destination: Pick<LineWriter, 'write'>): Audit {
  const write = options.auth_logging ? createEventLines('audit', destination) : () => undefined

  return {
    checked(request, decision) {
      if (!options.auth_logging || isNobodys(decision)) return
      const { front, method, host, clientIp, requestId } = request
      const { outcome, reason } = decision
      const session = decision.outcome === 'deny' ? decision.session : undefined
      const path = loggedPath(request.uri)
      const what = { outcome, reason, front, method, host, path }
      write('check', { ...what, ...who(session), clientIp, requestId })
    },
    signedIn(session, visit) {
      write('sign-in', { ...who(session), ...where(visit) })
    },
    signInFailed(reason, visit, user) {
      write('sign-in-failed', { reason, user, ...where(visit) })
    },
    signedOut(session, visit) {
      write('sign-out', { ...who(session), ...where(visit) })
    },
    sessionEnded(session, reason) {
      write('session-ended', { reason, ...who(session) })
    },
    sessionRevoked({ id, user, sid, all }, by, visit) {
      write('session-revoked', { by, user, sessionId: id, sid, all, ...(visit && where(visit)) })
    },
  }
}

function isNobodys({ outcome, reason }: Decision): boolean {
  return outcome === 'allow' || reason === 'no-session'
}

function who(session: Session | undefined): { user?: string; sessionId?: string } {
  return session === undefined ? {} : { user: session.identity.user, sessionId: session.id }
}

/** Picks the fields by name, so that a caller's larger object adds nothing to the log. */
function where({ host, clientIp, requestId }: Visit): Visit {
  return { host, clientIp, requestId }
}
