import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import type { Upstream } from '../core/upstream.ts'

export type HttpUpstream = Extract<Upstream, { kind: 'http' }>

export interface DialOptions {
  readonly ssl_upstream_insecure_skip_verify: boolean
  /** As in oauth2-proxy, where one transport serves provider and upstreams. */
  readonly ssl_insecure_skip_verify: boolean
  readonly disable_keep_alives: boolean
}

export interface UpstreamRequest {
  readonly method: string
  /** Path and query, sent as they are. */
  readonly path: string
  /** Name, value, name, value, ...; framing and `Host` included. */
  readonly headers: readonly string[]
}

export interface Dialer {
  /** A request whose head is ready to go; on a connection of its own when `isFresh`. */
  dial(upstream: HttpUpstream, request: UpstreamRequest, isFresh: boolean): http.ClientRequest
  /** Ends all connections. */
  close(): void
}

/** Less than what servers and load balancers commonly keep an idle connection open for. */
const idleMs = 55_000

/** Connections to upstreams: pooled, with the upstream's own name verified whatever `Host` says. */
export function createDialer(options: DialOptions): Dialer {
  const { ssl_upstream_insecure_skip_verify, ssl_insecure_skip_verify } = options
  const tls = {
    rejectUnauthorized: !ssl_upstream_insecure_skip_verify && !ssl_insecure_skip_verify,
  }
  const pool = { keepAlive: !options.disable_keep_alives, timeout: idleMs }
  const agents = {
    pooled: { plain: new http.Agent(pool), secure: new https.Agent({ ...pool, ...tls }) },
    fresh: { plain: new http.Agent(), secure: new https.Agent(tls) },
  }

  return {
    dial({ url }, { method, path, headers }, isFresh) {
      const { plain, secure } = isFresh ? agents.fresh : agents.pooled
      const host = url.hostname.replace(/^\[|\]$/g, '')
      const target = { host, port: url.port, method, path, headers, insecureHTTPParser: false }
      return url.protocol === 'https:'
        ? https.request({ ...target, agent: secure, servername: isIP(host) ? '' : host })
        : http.request({ ...target, agent: plain })
    },
    close() {
      for (const { plain, secure } of Object.values(agents)) {
        plain.destroy()
        secure.destroy()
      }
    },
  }
}
