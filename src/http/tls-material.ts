// The certificates of our own listeners, followed while we run (cert-manager renews them in their Secrets).
import { X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { watchFiles } from '../lib/watched-files.ts'

export interface TlsOptions {
  /** PEM, the chain from our own certificate up. Both empty = plain http. */
  readonly tls_cert_file: string
  readonly tls_key_file: string
  /** The same for the gRPC listener. */
  readonly grpc_tls_cert_file: string
  readonly grpc_tls_key_file: string
  /** PEM: who signed the certificates that clients must show. Empty = they need none. */
  readonly grpc_tls_client_ca_file: string
  readonly tls_min_version: '' | 'TLS1.2' | 'TLS1.3'
  /** OpenSSL's names; empty = node's own choice. For TLS 1.2: those of 1.3 are always there. */
  readonly tls_cipher_suites: readonly string[]
}

export interface TlsMaterial {
  /** With `ca`: clients must show a certificate of one of these. */
  current(): SecureContextOptions
  /** Called with each renewed one: for the handshakes from then on. */
  follow(use: (material: SecureContextOptions) => void): void
  close(): void
}

/**
 * Certificate, key and CAs count only together. Throws an Error for the operator when they cannot be
 * used at the start; later that is told once in the log, and those of before stay. `listener` is
 * what its options begin with.
 */
export function createTlsMaterial(deps: {
  readonly options: TlsOptions
  readonly listener: 'tls' | 'grpc_tls'
  readonly log: Log
}): TlsMaterial | undefined {
  const { options, listener, log } = deps
  const names = [`${listener}_cert_file`, `${listener}_key_file`] as const
  const [certFile, keyFile] = [options[names[0]], options[names[1]]]
  if (certFile === '' && keyFile === '') return undefined
  const clientCaFile = listener === 'tls' ? '' : options.grpc_tls_client_ca_file
  let use: (material: SecureContextOptions) => void = () => {}

  function watch() {
    return watchFiles({
      paths: [certFile, keyFile, ...(clientCaFile === '' ? [] : [clientCaFile])],
      read: ([cert, key, clientCa]) => toMaterial({ cert, key, clientCa }, options),
      onChange(material) {
        use(material)
        log.info('certificate reloaded', { option: names[0], validTo: validTo(material) })
      },
      onFault: (error) =>
        log.error('certificate kept as it was: its files cannot be used', {
          option: names[0],
          cause: describeError(error),
        }),
    })
  }

  try {
    const files = watch()
    return {
      current: files.current,
      follow(listen) {
        use = listen
      },
      close: files.close,
    }
  } catch (error) {
    const named = clientCaFile === '' ? names : [...names, 'grpc_tls_client_ca_file']
    throw new Error(`${named.join(' and ')} cannot be used`, { cause: error })
  }
}

interface TlsFiles {
  readonly cert: Buffer | undefined
  readonly key: Buffer | undefined
  readonly clientCa: Buffer | undefined
}

function toMaterial(
  { cert, key, clientCa }: TlsFiles,
  { tls_min_version, tls_cipher_suites }: TlsOptions,
): SecureContextOptions & { readonly cert: Buffer } {
  const material = {
    cert: cert ?? Buffer.of(),
    key: key ?? Buffer.of(),
    ...(clientCa && { ca: clientCa }),
    minVersion: tls_min_version === 'TLS1.3' ? ('TLSv1.3' as const) : ('TLSv1.2' as const),
    ...(tls_cipher_suites.length > 0 && {
      ciphers: [...alwaysThere, ...tls_cipher_suites].join(':'),
    }),
  }
  // Throws for what is no PEM, and for a key of another certificate; an empty one it would take.
  createSecureContext(material)
  void new X509Certificate(material.cert)
  if (clientCa) void new X509Certificate(clientCa)
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
