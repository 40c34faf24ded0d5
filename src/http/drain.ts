// SIGTERM: no request that reached us is lost.
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { Server as TcpServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { trackUnasked } from './connections.ts'
import { lameDuckMs } from '../core/shutdown.ts'

/**
 * How long kept connections get for one more request, answered with `Connection: close`, once no
 * new ones are accepted. Closing an idle one at once would hit requests already on their way.
 */
const farewellMs = 1000

/**
 * Returns a function that stops the server. It resolves when all requests are answered, or
 * `timeoutMs` after the call, when what is left (WebSockets, endless streams) is cut off.
 */
export function createDrain(app: FastifyInstance): (timeoutMs: number) => Promise<void> {
  const { server } = app
  const unasked = trackUnasked(server)
  let isClosing = false
  const upgraded = new Set<Socket>()

  server.prependListener('request', (_request, response: ServerResponse) => {
    if (isClosing) response.shouldKeepAlive = false
  })
  server.on('upgrade', (_request, socket: Socket) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })

  async function sayFarewell(): Promise<void> {
    await sleep(lameDuckMs)
    isClosing = true
    const drained = once(server, 'close')
    // http.Server's own close() would also close the idle connections, now.
    TcpServer.prototype.close.call(server)
    await Promise.race([drained, sleep(farewellMs)])
  }

  return async (timeoutMs) => {
    const deadline = setTimeout(() => {
      server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
    }, timeoutMs)
    if (server.listening) await sayFarewell()
    unasked.destroy()
    await app.close()
    clearTimeout(deadline)
  }
}
