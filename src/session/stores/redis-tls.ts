import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import {
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls'

export interface RedisTlsOptions {
  /** PEM file that is trusted besides the system's; empty = none. */
  readonly redis_ca_path: string
  /** PEM files of the certificate that we show the server, and of its key; empty = none. */
  readonly redis_client_cert_path: string
  readonly redis_client_key_path: string
  /** Accept any certificate. */
  readonly redis_insecure_skip_tls_verify: boolean
}

/** Does one of the options ask for TLS, whatever the URL says? */
export function asksForTls(options: RedisTlsOptions): boolean {
  return (
    options.redis_ca_path !== '' ||
    options.redis_client_cert_path !== '' ||
    options.redis_insecure_skip_tls_verify
  )
}

/**
 * What `tls.connect` needs. The files are read at each connection, so that certificates are renewed
 * without a restart; what cannot be used then is passed over for what was read before. Throws an
 * Error for the operator when they cannot be used at first.
 */
export function toTlsOptions(options: RedisTlsOptions, servername?: string): ConnectionOptions {
  const fixed = {
    rejectUnauthorized: !options.redis_insecure_skip_tls_verify,
    ...(servername !== undefined && { servername }),
  }
  if (options.redis_ca_path === '' && options.redis_client_cert_path === '') return fixed
  let files = readFiles(options)
  let context = toSecureContext(files)
  return {
    ...fixed,
    get secureContext() {
      try {
        const current = readFiles(options)
        // 100 and more certificates take a while to parse.
        if (JSON.stringify(current) !== JSON.stringify(files)) {
          context = toSecureContext(current)
          files = current
        }
      } catch {
        // Half written, or gone: what we have may still do.
      }
      return context
    },
  }
}

interface TlsFiles {
  readonly ca: string | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
}

function readFiles(options: RedisTlsOptions): TlsFiles {
  const { redis_ca_path, redis_client_cert_path, redis_client_key_path } = options
  const files = {
    ca: read(redis_ca_path),
    cert: read(redis_client_cert_path),
    key: read(redis_client_key_path),
  }
  // What is no certificate is otherwise passed over in silence.
  if (files.ca !== undefined) assertCertificate('redis_ca_path', redis_ca_path, files.ca)
  return files
}

function read(path: string): string | undefined {
  return path === '' ? undefined : readFileSync(path, 'utf8')
}

function assertCertificate(option: string, path: string, pem: string): void {
  try {
    void new X509Certificate(pem)
  } catch (error) {
    throw new Error(`${option} ${path} holds no PEM certificate`, { cause: error })
  }
}

function toSecureContext({ ca, cert, key }: TlsFiles): SecureContext {
  try {
    return createSecureContext({
      ...(ca !== undefined && { ca: [...getCACertificates('default'), ca] }),
      ...(cert !== undefined && { cert, key }),
    })
  } catch (error) {
    const option = 'redis_client_cert_path and redis_client_key_path'
    throw new Error(`${option} hold no PEM certificate and its key`, { cause: error })
  }
}
