import { option, ourOption, unserved } from '../option.ts'
import { listenAddress } from '../kinds/network.ts'
import { positiveDuration } from '../kinds/scalar.ts'
import { strings } from '../kinds/list.ts'
import { text } from '../kinds/text.ts'
import { boolean } from '../kinds/scalar.ts'
import { routePath } from '../kinds/url.ts'

/** Listening, probes and shutdown. */
export const serverOptions = {
  http_address: option(listenAddress, {
    default: '127.0.0.1:4180',
    help: 'Where to listen: `host:port`, `:port` for all interfaces, or `unix:///path`.',
  }),
  https_address: option(text, {
    default: ':443',
    help: 'No effect: nothing listens here without `tls_cert_file`, as in oauth2-proxy.',
  }),
  tls_cert_file: unserved(text, { default: '', help: 'Certificate to serve TLS with.' }),
  tls_key_file: unserved(text, { default: '', help: 'Private key to serve TLS with.' }),
  tls_min_version: unserved(text, { default: '', help: 'Lowest TLS version to accept.' }),
  tls_cipher_suites: unserved(strings, {
    flag: 'tls-cipher-suite',
    default: [],
    help: 'Cipher suites to accept with TLS 1.2.',
  }),
  ping_path: option(routePath, {
    default: '/ping',
    help: 'Liveness probe: answers 200 as long as the process runs. Empty = none.',
  }),
  ping_user_agent: option(text, {
    default: '',
    help: 'Narrows the liveness probe to requests with exactly this User-Agent.',
  }),
  ready_path: option(routePath, {
    default: '/ready',
    help: 'Readiness probe: answers 200 when the session store answers. Empty = none.',
  }),
  gcp_healthchecks: unserved(boolean, {
    default: false,
    help: 'Extra probe paths for load balancers of Google Cloud.',
  }),
  shutdown_timeout: ourOption(positiveDuration, {
    default: '25s',
    help: 'How long running requests may take to end after SIGTERM.',
  }),
}
