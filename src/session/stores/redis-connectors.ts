import type { RedisOptions } from 'ioredis'
import { StandaloneConnector } from 'ioredis/built/connectors/index.js'

/** ioredis gives a connector the options of its client. */
export type ConnectorConstructor = NonNullable<RedisOptions['Connector']>

const maxRetryDelayMs = 1_000

/** How to be let in. */
export interface Credentials {
  readonly username?: string
  readonly password?: string
}

/**
 * How ioredis opens its sockets, but that no error of one is left unheard: after a certificate that
 * is not trusted the server's alert comes as a second error (Node's TLSSocket), ioredis listens for
 * one, and an error that nobody listens for would end this process. Each connection is made with the
 * credentials of then.
 */
export function createDirectConnector(credentials: () => Credentials) {
  return class DirectConnector extends StandaloneConnector {
    constructor(options: unknown) {
      super(options as RedisOptions)
      // ioredis reads them at each connection.
      Object.defineProperties(options as RedisOptions, {
        username: liveValue(() => credentials().username),
        password: liveValue(() => credentials().password),
      })
    }

    override async connect(...args: Parameters<StandaloneConnector['connect']>) {
      const stream = await super.connect(...args)
      return stream.on('error', () => {})
    }
  }
}

function liveValue(get: () => string | undefined): PropertyDescriptor {
  return { get, enumerable: true, configurable: true }
}

/** Backs off from 100 ms to a second, with jitter so that replicas do not come back in step. */
export function retryDelayMs(attempt: number): number {
  const delay = Math.min(50 * 2 ** attempt, maxRetryDelayMs)
  return delay / 2 + Math.random() * (delay / 2)
}
