import { option } from '../option.ts'
import { boolean, duration, positiveDuration } from '../kinds/scalar.ts'
import { upstreams } from '../kinds/upstream.ts'

/** Proxy mode: apps behind this service itself, without an ingress. */
export const upstreamOptions = {
  upstreams: option(upstreams, {
    flag: 'upstream',
    default: [],
    help:
      'Apps to proxy to: `http(s)://host:port/path`, `static://STATUS`, `file:///directory#/path`. ' +
      'The path routes: with a slash at its end it is a prefix, without it is exact.',
  }),
  upstream_timeout: option(positiveDuration, {
    default: '30s',
    help: 'How long an upstream may take to start its answer.',
  }),
  flush_interval: option(duration, {
    default: '1s',
    help: 'No effect: answers of upstreams are passed on as they come.',
  }),
  pass_host_header: option(boolean, {
    default: true,
    help: 'Send upstreams the Host that the client addressed, not their own.',
  }),
  proxy_websockets: option(boolean, { default: true, help: 'Proxy WebSocket connections.' }),
  ssl_upstream_insecure_skip_verify: option(boolean, {
    default: false,
    help: 'Accept any certificate of an https upstream. Insecure.',
  }),
  disable_keep_alives: option(boolean, {
    default: false,
    help: 'Open a new connection to the upstream for each request.',
  }),
}
