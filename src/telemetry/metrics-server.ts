import type { IncomingMessage, ServerResponse } from 'node:http'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { startHttpListener, type HttpListener, type ListenerAddress } from '../lib/http-listener.ts'
import type { Probes } from './health.ts'
import type { Metrics } from './metrics.ts'

export interface MetricsServerDeps {
  readonly address: ListenerAddress
  readonly metrics: Pick<Metrics, 'exposition'>
  /** Answered here as on the public listener, which may speak TLS. */
  readonly probes: Probes
  readonly log: Log
}

/**
 * Probes, and the Prometheus exposition at `/metrics` and `/`, on a listener of their own: none of
 * the portal's paths is served here, and no metrics there (SEC-41). Rejects when it cannot listen.
 */
export function startMetricsServer(deps: MetricsServerDeps): Promise<HttpListener> {
  return startHttpListener(
    deps.address,
    (request, response) => void answer(request, response, deps),
  )
}

async function answer(
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
  { metrics, probes, log }: MetricsServerDeps,
): Promise<void> {
  const path = url?.split('?', 1)[0] ?? ''
  const probed = await probes(path, headers['user-agent'])
  if (probed) return end(response, probed.status, probed.body, probed.headers)
  if (path !== '/metrics' && path !== '/') return end(response, 404)
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405)
  try {
    const { contentType, text } = await metrics.exposition()
    end(response, 200, text, { 'content-type': contentType })
  } catch (error) {
    log.error('metrics not available', { cause: describeError(error) })
    end(response, 500)
  }
}

function end(
  response: ServerResponse,
  status: number,
  body = '',
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'cache-control': 'no-store', ...headers })
  response.end(body)
}
