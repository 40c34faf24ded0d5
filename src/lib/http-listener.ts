import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An empty host means all interfaces; `path` is that of a unix socket. */
export type ListenerAddress =
  { readonly host: string; readonly port: number } | { readonly path: string }

export interface HttpListener {
  /** As bound; undefined for a unix socket. */
  readonly port: number | undefined
  /** At once, open connections included. */
  close(): Promise<void>
}

/** For the few small requests of machines beside the public listener. Rejects when it cannot listen. */
export async function startHttpListener(
  address: ListenerAddress,
  serve: RequestListener,
): Promise<HttpListener> {
  const server = createServer({ requestTimeout: 10_000, maxHeaderSize: 8192 }, serve)
  server.listen(address)
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
