import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Metrics } from './metrics.ts'

export interface MetricsServerDeps {
  /** Host and port, or the path of a unix socket. An empty host means all interfaces. */
  readonly address: Pick<ListenOptions, 'host' | 'port' | 'path'>
  readonly metrics: Pick<Metrics, 'exposition'>
  readonly log: Log
}

export interface MetricsServer {
  /** As bound; undefined for a unix socket. */
  readonly port: number | undefined
  close(): Promise<void>
}

/**
 * The Prometheus exposition on a listener of its own, at `/metrics` and `/`: none of the portal's
 * paths is served here, and no metrics there (SEC-41). Rejects when it cannot listen.
 */
export async function startMetricsServer(deps: MetricsServerDeps): Promise<MetricsServer> {
  const server = createServer(
    { requestTimeout: 10_000, maxHeaderSize: 8192 },
    (request, response) => void answer(request, response, deps),
  )
  server.listen(deps.address)
  await once(server, 'listening')
  const bound = server.address() as AddressInfo | string
  return {
    port: typeof bound === 'string' ? undefined : bound.port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

async function answer(
  { method, url }: IncomingMessage,
  response: ServerResponse,
  { metrics, log }: MetricsServerDeps,
): Promise<void> {
  const path = url?.split('?', 1)[0]
  if (path !== '/metrics' && path !== '/') return end(response, 404)
  if (method !== 'GET' && method !== 'HEAD') return end(response, 405)
  try {
    const { contentType, text } = await metrics.exposition()
    response.setHeader('content-type', contentType)
    end(response, 200, text)
  } catch (error) {
    log.error('metrics not available', { cause: describeError(error) })
    end(response, 500)
  }
}

function end(response: ServerResponse, status: number, body = ''): void {
  response.statusCode = status
  response.setHeader('cache-control', 'no-store')
  response.end(body)
}
