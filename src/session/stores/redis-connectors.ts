import type { RedisOptions } from 'ioredis'
import { StandaloneConnector } from 'ioredis/built/connectors/index.js'

/** ioredis gives a connector the options of its client. */
export type ConnectorConstructor = NonNullable<RedisOptions['Connector']>

const maxRetryDelayMs = 1_000

/**
 * How ioredis opens its sockets, but that no error of one is left unheard: after a certificate that
 * is not trusted the server's alert comes as a second error (Node's TLSSocket), ioredis listens for
 * one, and an error that nobody listens for would end this process.
 */
export class DirectConnector extends StandaloneConnector {
  constructor(options: unknown) {
    super(options as RedisOptions)
  }

  override async connect(...args: Parameters<StandaloneConnector['connect']>) {
    const stream = await super.connect(...args)
    return stream.on('error', () => {})
  }
}

/** Backs off from 100 ms to a second, with jitter so that replicas do not come back in step. */
export function retryDelayMs(attempt: number): number {
  const delay = Math.min(50 * 2 ** attempt, maxRetryDelayMs)
  return delay / 2 + Math.random() * (delay / 2)
}
