import type { IncomingMessage, ServerResponse } from 'node:http'
import { pathOf } from './raw-request.ts'

/** Answers a request without Fastify. */
export type DirectHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void

export interface DirectHandlers {
  /** A path, or with `/*` at its end all below it. */
  add(path: string, handler: DirectHandler): void
  find(url: string): DirectHandler | undefined
}

export function createDirectHandlers(): DirectHandlers {
  const exact = new Map<string, DirectHandler>()
  const below = new Map<string, DirectHandler>()
  return {
    add(path, handler) {
      if (path.endsWith('/*')) below.set(path.slice(0, -1), handler)
      else exact.set(path, handler)
    },
    find(url) {
      const found = exact.get(pathOf(url))
      if (found) return found
      for (const [path, handler] of below) if (url.startsWith(path)) return handler
      return undefined
    },
  }
}
