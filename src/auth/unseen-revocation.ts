import type { RevokedSession } from '../telemetry/audit.ts'
import type { SessionSelector } from '../session/directory.ts'

/** For the audit log where nobody can say which sessions ended: what the selector names. */
export function unseenRevocation(selector: SessionSelector): RevokedSession {
  switch (selector.by) {
    case 'id':
      return { id: selector.id }
    case 'sub':
      return { user: selector.sub }
    case 'user':
      return { user: selector.user }
    case 'sid':
      return { sid: selector.sid, ...(selector.sub !== undefined && { user: selector.sub }) }
    case 'all':
      return { all: true }
  }
}
