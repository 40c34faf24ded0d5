import { accept, refine, refuse, type Kind } from '../kind.ts'
import { listOf } from './list.ts'
import { enumeration } from './text.ts'

export const tlsVersion: Kind<'' | 'TLS1.2' | 'TLS1.3'> = enumeration(['', 'TLS1.2', 'TLS1.3'])

/** IANA's names of suites for TLS 1.2, as oauth2-proxy takes them, with OpenSSL's. */
const suites: Readonly<Record<string, string>> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
}

/** Named in lists, though nobody can choose: they are there whenever TLS 1.3 is. */
const ofTls13: ReadonlySet<string> = new Set([
  'TLS_AES_128_GCM_SHA256',
  'TLS_AES_256_GCM_SHA384',
  'TLS_CHACHA20_POLY1305_SHA256',
])

/** OpenSSL's names; those of TLS 1.3 are left out. Old names of CHACHA20 lack the hash. */
export const cipherSuites: Kind<readonly string[]> = refine(
  listOf({ type: 'list of cipher suites' }, (entry) => {
    const name = entry.replace(/_POLY1305$/, '_POLY1305_SHA256')
    if (ofTls13.has(name)) return accept('')
    const suite = Object.hasOwn(suites, name) ? suites[name] : undefined
    return suite === undefined
      ? refuse('is unknown or insecure', `use ${Object.keys(suites).slice(0, 6).join(', ')}`)
      : accept(suite)
  }),
  {},
  (names) => accept(names.filter((name) => name !== '')),
)
