import { getCiphers } from 'node:tls'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cipherSuites, tlsVersion } from '../../../../src/config/kinds/tls.ts'
import { accepts, refuses } from './kind-cases.ts'

accepts('a TLS version', tlsVersion, [
  ['', ''],
  ['TLS1.2', 'TLS1.2'],
  ['TLS1.3', 'TLS1.3'],
])
refuses('a TLS version', tlsVersion, [
  ['TLS1.1', /none of/],
  ['1.2', /none of/],
])

accepts('cipher suites', cipherSuites, [
  ['', []],
  ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_AES_128_GCM_SHA256', ['ECDHE-RSA-AES128-GCM-SHA256']],
  [['TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305'], ['ECDHE-RSA-CHACHA20-POLY1305']],
])
refuses('cipher suites', cipherSuites, [
  ['TLS_RSA_WITH_RC4_128_SHA', /unknown or insecure/],
  ['ECDHE-RSA-AES128-GCM-SHA256', /unknown or insecure/],
  ['constructor', /unknown or insecure/],
])

test('every cipher suite has a name that OpenSSL knows', () => {
  const parsed = cipherSuites.parse([
    'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
    'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
    'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
    'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
    'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
    'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
    'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
  ])
  assert.ok(parsed.ok)
  const known = getCiphers()
  assert.deepEqual(
    parsed.value.filter((name) => !known.includes(name.toLowerCase())),
    [],
  )
})
