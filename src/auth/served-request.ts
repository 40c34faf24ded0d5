import type { AuthRequest } from '../core/auth-request.ts'
import type { Decision } from '../core/decision.ts'
import { header, type RawRequest } from '../core/http.ts'
import type { ServedRequest } from '../telemetry/request-log.ts'

/** The check behind an answer. */
export interface Checked {
  readonly request: AuthRequest
  readonly decision: Decision
}

/** What the log tells of a request that was answered. */
export function servedRequest(
  { method, url, headers, peer, requestId }: RawRequest,
  status: number,
  durationMs: number,
  checked: Checked | undefined,
): ServedRequest {
  const session = checked?.decision.outcome === 'allow' ? checked.decision.session : undefined
  return {
    method,
    url,
    host: header(headers, 'host') ?? '',
    status,
    durationMs,
    clientIp: checked?.request.clientIp ?? peer,
    requestId,
    user: session?.identity.user,
    check: checked && {
      front: checked.request.front,
      outcome: checked.decision.outcome,
      reason: checked.decision.reason,
      method: checked.request.method,
      host: checked.request.host,
      uri: checked.request.uri,
    },
  }
}
