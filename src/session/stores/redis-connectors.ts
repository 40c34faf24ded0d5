import { SentinelConnector } from 'ioredis'
import { StandaloneConnector } from 'ioredis/built/connectors/index.js'

/**
 * How ioredis opens its sockets, but that no error of one is left unheard: after a certificate that
 * is not trusted the server's alert comes as a second error (Node's TLSSocket), ioredis listens for
 * one, and an error that nobody listens for would end this process.
 */
export class DirectConnector extends StandaloneConnector {
  override async connect(...args: Parameters<StandaloneConnector['connect']>) {
    return heard(await super.connect(...args))
  }
}

/** The same for the server that Sentinels name. */
export class MasterConnector extends SentinelConnector {
  override async connect(...args: Parameters<SentinelConnector['connect']>) {
    return heard(await super.connect(...args))
  }
}

type Stream = Awaited<ReturnType<StandaloneConnector['connect']>>

function heard(stream: Stream): Stream {
  return stream.on('error', () => {})
}
