// The absolute lifetime of a session, held on the server whatever the cookie's Max-Age says.
import type { Session } from '../core/session.ts'

/** How far another replica's clock may be ahead of ours. */
const clockToleranceMs = 5 * 60_000

/** False once the session's own end has come, and for one made too far in the future. */
export function isAlive(session: Session, now: number): boolean {
  if (session.createdAt > now + clockToleranceMs) return false
  return session.expiresAt === 0 || session.expiresAt > now
}

/** Milliseconds until the session's own end, at least 1; undefined when it has none. */
export function remainingMs(session: Session, now: number): number | undefined {
  return session.expiresAt === 0 ? undefined : Math.max(1, session.expiresAt - now)
}

/**
 * Milliseconds to keep a session in a store; undefined = no end. One that is idle stays as long again,
 * so that whoever comes back learns why it ended.
 */
export function keepMs(session: Session, now: number, idleTimeoutMs: number): number | undefined {
  const left = remainingMs(session, now)
  if (idleTimeoutMs === 0) return left
  return Math.min(left ?? Infinity, Math.max(1, session.activeAt + 2 * idleTimeoutMs - now))
}
