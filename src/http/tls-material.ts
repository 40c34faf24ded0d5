// The certificate of our own listener, followed while we run (cert-manager renews it in its Secret).
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { watchFiles } from '../lib/watched-files.ts'

export interface TlsOptions {
  /** PEM, the chain from our own certificate up. Both empty = plain http. */
  readonly tls_cert_file: string
  readonly tls_key_file: string
  readonly tls_min_version: '' | 'TLS1.2' | 'TLS1.3'
  /** OpenSSL's names; empty = node's own choice. For TLS 1.2: those of 1.3 are always there. */
  readonly tls_cipher_suites: readonly string[]
}

export interface TlsMaterial {
  current(): SecureContextOptions
  /** Called with each renewed one: for the handshakes from then on. */
  follow(use: (material: SecureContextOptions) => void): void
  close(): void
}

/**
 * Certificate and key count only together. Throws an Error for the operator when they cannot be used
 * at the start; later that is told once in the log, and those of before stay.
 */
export function createTlsMaterial(deps: {
  readonly options: TlsOptions
  readonly log: Log
}): TlsMaterial | undefined {
  const { options, log } = deps
  const { tls_cert_file, tls_key_file } = options
  if (tls_cert_file === '' && tls_key_file === '') return undefined
  let use: (material: SecureContextOptions) => void = () => {}

  function watch() {
    return watchFiles({
      paths: [tls_cert_file, tls_key_file],
      read: ([cert, key]) => toMaterial(cert, key, options),
      onChange(material) {
        use(material)
        log.info('certificate reloaded', { validTo: validTo(material) })
      },
      onFault: (error) =>
        log.error('certificate kept as it was: its files cannot be used', {
          cause: describeError(error),
        }),
    })
  }

  try {
    const files = watch()
    return {
      current: files.current,
      follow(listener) {
        use = listener
      },
      close: files.close,
    }
  } catch (error) {
    throw new Error('tls_cert_file and tls_key_file cannot be used', { cause: error })
  }
}

function toMaterial(
  cert: Buffer | undefined,
  key: Buffer | undefined,
  { tls_min_version, tls_cipher_suites }: TlsOptions,
): SecureContextOptions & { readonly cert: Buffer } {
  const material = {
    cert: cert ?? Buffer.of(),
    key: key ?? Buffer.of(),
    minVersion: tls_min_version === 'TLS1.3' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    ...(tls_cipher_suites.length > 0 && {
      ciphers: [...alwaysThere, ...tls_cipher_suites].join(':'),
    }),
  }
  // Throws for what is no PEM, and for a key of another certificate; an empty one it would take.
  createSecureContext(material)
  void new X509Certificate(material.cert)
  return material
}

/** OpenSSL takes the suites of TLS 1.3 away when a list does not name them. */
const alwaysThere = [
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
  'TLS_AES_128_GCM_SHA256',
]

function validTo({ cert }: { readonly cert: Buffer }): string {
  return new X509Certificate(cert).validTo
}
