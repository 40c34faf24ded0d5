import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { HttpAnswer } from '../core/http.ts'

export interface ProbeOptions {
  /** Does the process answer? Empty = no such path. */
  readonly ping_path: string
  /** Can it serve? Empty = no such path. */
  readonly ready_path: string
  /** When set, a ping must carry exactly this `User-Agent`, on `ping_path` all the same (SEC-1). */
  readonly ping_user_agent: string
  /** Pings also on the paths of Google Cloud's load balancers, from their agent alone (SEC-1). */
  readonly gcp_healthchecks: boolean
}

const googlePaths: ReadonlySet<string> = new Set(['/liveness_check', '/readiness_check'])
const googleAgent = 'GoogleHC/1.0'

export interface ProbeDeps {
  readonly options: ProbeOptions
  /** Rejects when the session store does not answer within its own deadline. */
  readonly pingStore: () => Promise<void>
  /** Once true, the process is not ready any more, whoever still gets through to it. */
  readonly isStopping: () => boolean
  readonly log: Log
}

/**
 * The answer to a kubelet's or load balancer's probe; undefined for a request like any other.
 * `path` is the request's path as received, without its query.
 */
export type Probes = (
  path: string,
  userAgent: string | undefined,
) => Promise<HttpAnswer> | undefined

/** The provider is not asked: while it is down, sessions still pass and a page explains. */
export function createProbes({ options, pingStore, isStopping, log }: ProbeDeps): Probes {
  const { ping_path, ready_path, ping_user_agent, gcp_healthchecks } = options

  async function ready(): Promise<HttpAnswer> {
    if (isStopping()) return plain(503, 'stopping')
    try {
      await pingStore()
      return plain(200, 'OK')
    } catch (error) {
      log.warn('not ready', { cause: describeError(error) })
      return plain(503, 'session store unavailable')
    }
  }

  return (path, userAgent) => {
    if (path === '') return undefined
    const isPingAgent = ping_user_agent === '' || userAgent === ping_user_agent
    if (path === ping_path && isPingAgent) return Promise.resolve(plain(200, 'OK'))
    if (gcp_healthchecks && googlePaths.has(path) && userAgent === googleAgent) {
      return Promise.resolve(plain(200, 'OK'))
    }
    return path === ready_path ? ready() : undefined
  }
}

function plain(status: number, body: string): HttpAnswer {
  const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }
  return { status, headers, cookies: [], body }
}
