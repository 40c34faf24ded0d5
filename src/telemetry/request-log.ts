import type { FrontName } from '../core/auth-request.ts'
import type { Outcome, Reason } from '../core/decision.ts'
import type { LineWriter } from './line-writer.ts'
import { loggedPath } from './logged-path.ts'
import { createEventLines } from './event-lines.ts'

export interface RequestLogOptions {
  readonly request_logging: boolean
  readonly silence_ping_logging: boolean
  /** Decoded paths, compared whole. */
  readonly exclude_logging_paths: readonly string[]
  readonly ping_path: string
  readonly ready_path: string
}

/** One served request. */
export interface ServedRequest {
  readonly method: string
  /** As received; its query is not logged. */
  readonly url: string
  readonly host: string
  readonly status: number
  readonly durationMs: number
  readonly clientIp: string
  readonly requestId: string
  /** The subject (`sub`) of the session; absent when nobody is signed in. */
  readonly user?: string | undefined
  /** Absent for what was no check. */
  readonly check?: ServedCheck | undefined
}

interface ServedCheck {
  readonly front: FrontName
  readonly outcome: Outcome
  readonly reason: Reason
  /** What the gateway asked about. */
  readonly method: string
  readonly host: string
  readonly uri: string
}

export type RequestLog = (request: ServedRequest) => void

/** One line for each request, except where the options silence it; undefined when they silence all. */
export function createRequestLog(
  options: RequestLogOptions,
  destination: Pick<LineWriter, 'write'>,
): RequestLog | undefined {
  if (!options.request_logging) return undefined
  const probes = options.silence_ping_logging ? [options.ping_path, options.ready_path] : []
  const silenced = new Set([...options.exclude_logging_paths, ...probes])
  const write = createEventLines('request', destination)

  return (request) => {
    const path = loggedPath(request.url)
    if (silenced.size > 0 && silenced.has(decodePath(path))) return
    const { check } = request
    write('request', {
      method: request.method,
      host: request.host,
      path,
      status: request.status,
      durationMs: Math.round(request.durationMs * 1000) / 1000,
      clientIp: request.clientIp,
      requestId: request.requestId,
      user: request.user,
      front: check?.front,
      outcome: check?.outcome,
      reason: check?.reason,
      checkedMethod: check?.method,
      checkedHost: check?.host,
      checkedPath: check && loggedPath(check.uri),
    })
  }
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
