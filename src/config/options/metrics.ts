import { option, unserved } from '../option.ts'
import { optionalListenAddress } from '../kinds/network.ts'
import { text } from '../kinds/text.ts'

/** The listener of Prometheus and of probes. */
export const metricsOptions = {
  metrics_address: option(optionalListenAddress, {
    default: '',
    help:
      'Where to serve Prometheus metrics without authentication, and probes besides. Empty or `-` ' +
      '= nowhere.',
  }),
  metrics_secure_address: unserved(text, {
    default: '',
    help: 'Where to serve Prometheus metrics with TLS.',
  }),
  metrics_tls_cert_file: unserved(text, { default: '', help: 'Certificate of that listener.' }),
  metrics_tls_key_file: unserved(text, { default: '', help: 'Private key of that listener.' }),
}
