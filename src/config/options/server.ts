import { option, ourOption } from '../option.ts'
import { listenAddress, optionalListenAddress } from '../kinds/network.ts'
import { positiveDuration } from '../kinds/scalar.ts'
import { text } from '../kinds/text.ts'
import { boolean } from '../kinds/scalar.ts'
import { cipherSuites, tlsVersion } from '../kinds/tls.ts'
import { routePath } from '../kinds/url.ts'

/** Listening, probes and shutdown. */
export const serverOptions = {
  http_address: option(listenAddress, {
    default: '127.0.0.1:4180',
    help: 'Where to listen: `host:port`, `:port` for all interfaces, or `unix:///path`.',
  }),
  https_address: option(optionalListenAddress, {
    default: ':443',
    help: 'Where to listen with TLS, in place of `http_address`; needs `tls_cert_file`.',
  }),
  grpc_address: ourOption(optionalListenAddress, {
    default: '',
    help:
      "Where to serve Envoy's `ext_authz` over gRPC (`envoy.service.auth.v3`), and gRPC health. " +
      'Empty or `-` = nowhere.',
  }),
  grpc_tls_cert_file: ourOption(text, {
    default: '',
    help:
      'Certificate chain (PEM) to serve gRPC over TLS with; read again when it changes. Empty = ' +
      'plain HTTP/2. `tls_min_version` and `tls_cipher_suites` count here, too.',
  }),
  grpc_tls_key_file: ourOption(text, {
    default: '',
    help: 'Private key (PEM) of `grpc_tls_cert_file`.',
  }),
  grpc_tls_client_ca_file: ourOption(text, {
    default: '',
    help:
      'Who asks over gRPC must show a certificate that one of these CAs (PEM) signed; read again ' +
      'when it changes. Empty = none is asked for.',
  }),
  tls_cert_file: option(text, {
    default: '',
    help: 'Certificate chain (PEM) to serve TLS with; read again when it changes.',
  }),
  tls_key_file: option(text, {
    default: '',
    help: 'Private key (PEM) of `tls_cert_file`.',
  }),
  tls_min_version: option(tlsVersion, {
    default: '',
    help: 'Lowest TLS version to accept: `TLS1.2` or `TLS1.3`; empty = `TLS1.2`.',
  }),
  tls_cipher_suites: option(cipherSuites, {
    flag: 'tls-cipher-suite',
    default: [],
    help: 'Cipher suites to accept with TLS 1.2, by their IANA names. Empty = those of Node.js.',
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
  gcp_healthchecks: option(boolean, {
    default: false,
    help:
      'Answer also `/liveness_check` and `/readiness_check`, to load balancers of Google Cloud ' +
      '(`GoogleHC/1.0`) alone.',
  }),
  shutdown_timeout: ourOption(positiveDuration, {
    default: '25s',
    help: 'How long running requests may take to end after SIGTERM.',
  }),
}
