// Proxy mode: carries requests that the check allowed to what stands behind their path.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Upstream } from '../core/upstream.ts'
import { createDialer, type DialOptions, type HttpUpstream } from './dialer.ts'
import { exchange } from './exchange.ts'
import { serveFile } from './file-answer.ts'
import type { ForwardFailure, Passage } from './passage.ts'
import { requestHead } from './request-head.ts'
import { answerStatic } from './static-answer.ts'
import { isWebSocketUpgrade } from './tunnel.ts'

export interface ForwarderOptions extends DialOptions {
  readonly pass_host_header: boolean
  /** Milliseconds that an upstream may keep us waiting until its answer starts. */
  readonly upstream_timeout: number
  readonly proxy_websockets: boolean
}

/** One allowed request. Its body must not have been read. */
export interface Forwarding {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly upstream: Upstream
  readonly passage: Passage
}

/** From a server's 'upgrade' event; `outgoing` is made by `upgradeResponse`. */
export interface UpgradeForwarding extends Forwarding {
  /** What the client sent behind its request. */
  readonly head: Buffer
}

export interface Forwarder {
  /** Resolves when the answer has been sent, or could not be (see `ForwardFailure`). */
  forward(forwarding: Forwarding): Promise<ForwardFailure | undefined>
  /** The same for WebSocket; resolves when the connection is closed. */
  forwardUpgrade(forwarding: UpgradeForwarding): Promise<ForwardFailure | undefined>
  /** Ends all connections to upstreams but open tunnels, which end by their signal. */
  close(): void
}

/** A request that may be sent again when a pooled connection turns out to be closed. */
const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

export function createForwarder(options: ForwarderOptions): Forwarder {
  const dialer = createDialer(options)
  const timeoutMs = options.upstream_timeout

  async function forwardHttp(
    forwarding: Forwarding,
    upstream: HttpUpstream,
  ): Promise<ForwardFailure | undefined> {
    const { incoming, outgoing } = forwarding
    const { method = '', url: path = '', headers } = incoming
    const head = requestHead(incoming, { ...forwarding, host: hostFor(incoming, upstream) })
    if (headers.upgrade !== undefined || head === undefined) return refused
    const request = dialer.dial(upstream, { ...head, method, path }, false)
    const failure = await exchange({ ...forwarding, ...head, request, timeoutMs })
    const isStale = failure?.kind === 'closed' && request.reusedSocket && !outgoing.headersSent
    if (!isStale || head.hasBody || !repeatable.has(method)) return failure
    const again = dialer.dial(upstream, { ...head, method, path }, true)
    return exchange({ ...forwarding, ...head, request: again, timeoutMs })
  }

  /** A tunnel never returns to the pool, so it starts on a connection of its own. */
  async function forwardUpgrade(
    forwarding: UpgradeForwarding,
  ): Promise<ForwardFailure | undefined> {
    const { incoming, upstream } = forwarding
    if (!options.proxy_websockets || upstream.kind !== 'http') return refused
    const head = requestHead(incoming, { ...forwarding, host: hostFor(incoming, upstream) })
    if (!isWebSocketUpgrade(incoming) || head === undefined) return refused
    const headers = [...head.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket']
    const { url: path = '' } = incoming
    const request = dialer.dial(upstream, { method: 'GET', path, headers }, true)
    return exchange({ ...forwarding, request, hasBody: false, timeoutMs })
  }

  function hostFor({ headers }: IncomingMessage, { url }: HttpUpstream): string {
    return (options.pass_host_header && headers.host) || url.host
  }

  return {
    forwardUpgrade,
    close: () => dialer.close(),
    async forward(forwarding) {
      const { upstream } = forwarding
      switch (upstream.kind) {
        case 'http':
          return forwardHttp(forwarding, upstream)
        case 'static':
          return answerStatic(forwarding, upstream)
        case 'file':
          return serveFile(forwarding, upstream)
      }
    },
  }
}

const refused: ForwardFailure = {
  kind: 'bad-request',
  detail: 'the request could be read in more than one way, or asks for an upgrade not done here',
}
