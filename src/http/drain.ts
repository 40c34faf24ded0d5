// SIGTERM: no request that reached us is lost.
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/**
 * How long after the signal requests are still taken, each answered with `Connection: close`:
 * gateways that keep connections open move on between two requests instead of running into a
 * closed one, and a load balancer has time to look away.
 */
const lameDuckMs = 1000

/**
 * Returns a function that stops the server: it resolves when all requests are answered, or
 * `timeoutMs` after the call, when what is left (WebSockets, endless streams) is cut off.
 */
export function createDrain(app: FastifyInstance): (timeoutMs: number) => Promise<void> {
  let isDraining = false
  const upgraded = new Set<Socket>()

  app.addHook('onRequest', (_request, reply, done) => {
    if (isDraining) void reply.header('connection', 'close')
    done()
  })
  app.server.on('upgrade', (_request, socket: Socket) => {
    upgraded.add(socket)
    socket.once('close', () => upgraded.delete(socket))
  })

  return async (timeoutMs) => {
    isDraining = true
    const deadline = setTimeout(() => {
      app.server.closeAllConnections()
      for (const socket of upgraded) socket.destroy()
    }, timeoutMs)
    if (app.server.listening) await new Promise((resolve) => setTimeout(resolve, lameDuckMs))
    await app.close()
    clearTimeout(deadline)
  }
}
