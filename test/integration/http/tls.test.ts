import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect as connectTcp, type Socket } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { buildApp } from '../../support/app.ts'
import { selfSigned } from '../../support/certificate.ts'
import type { Cleanup } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/process.ts'

/** The service with a certificate for `localhost`, on its TLS listener. */
async function startSecure(t: Cleanup, flags: readonly string[] = []) {
  const folder = temporaryFolder(t)
  const [certPath, keyPath] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const write = (pair: { readonly cert: string; readonly key: string }): void => {
    writeFileSync(certPath, pair.cert)
    writeFileSync(keyPath, pair.key)
  }
  const first = selfSigned(t, 'localhost')
  write(first)
  const app = await buildApp(t, [
    `--tls-cert-file=${certPath}`,
    `--tls-key-file=${keyPath}`,
    '--https-address=127.0.0.1:0',
    ...flags,
  ])
  const url = await app.listen()
  return { app, url, port: Number(new URL(url).port), cert: first.cert, write }
}

type Asked = { readonly path?: string; readonly headers?: Readonly<Record<string, string>> }

async function get(port: number, ca: string, { path = '/ping', headers = {} }: Asked = {}) {
  const target = { host: '127.0.0.1', port, ca, servername: 'localhost', path, headers }
  const outgoing = request({ ...target, agent: false }).end()
  const [incoming] = (await once(outgoing, 'response')) as [import('node:http').IncomingMessage]
  incoming.resume()
  return incoming
}

/** Resolves after the handshake. */
async function shake(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ...options })
  await once(socket, 'secureConnect')
  return socket
}

async function closed(socket: Socket): Promise<void> {
  socket.resume()
  if (!socket.closed) await once(socket, 'close')
}

test('serves TLS in place of plain http', async (t) => {
  const { url, port, cert } = await startSecure(t)
  assert.match(url, /^https:/)
  assert.equal((await get(port, cert)).statusCode, 200)
  await assert.rejects(fetch(`http://127.0.0.1:${port}/ping`))
})

test('a request over TLS of our own is https, also to force_https', async (t) => {
  const { port, cert } = await startSecure(t, ['--force-https', '--cookie-secure=false'])
  const headers = { host: 'app.example.com', accept: 'text/html' }
  const page = await get(port, cert, { path: '/oauth2/sign_in', headers })
  assert.equal(page.statusCode, 200)
})

test('what a trusted proxy says of the scheme goes before', async (t) => {
  const { port, cert } = await startSecure(t, ['--force-https', '--reverse-proxy'])
  const headers = { host: 'app.example.com', 'x-forwarded-proto': 'http' }
  const answer = await get(port, cert, { path: '/a', headers })
  assert.equal(answer.statusCode, 308)
  assert.equal(answer.headers.location, 'https://app.example.com/a')
})

test('takes TLS 1.2 and 1.3 unless told otherwise', async (t) => {
  const { port, cert: ca } = await startSecure(t)
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    const socket = await shake(port, { ca, minVersion: version, maxVersion: version })
    assert.equal(socket.getProtocol(), version)
    assert.equal(socket.alpnProtocol, false)
    socket.destroy()
  }
  await assert.rejects(
    shake(port, { ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
  )
  const strict = await startSecure(t, ['--tls-min-version=TLS1.3'])
  await assert.rejects(shake(strict.port, { ca: strict.cert, maxVersion: 'TLSv1.2' }))
  const socket = await shake(strict.port, { ca: strict.cert })
  assert.equal(socket.getProtocol(), 'TLSv1.3')
  socket.destroy()
})

test('takes the cipher suites that it is told to, and those of TLS 1.3', async (t) => {
  const suite = 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'
  const { port, cert: ca } = await startSecure(t, [`--tls-cipher-suite=${suite}`])
  const old = { ca, maxVersion: 'TLSv1.2' } as const
  const socket = await shake(port, old)
  assert.equal(socket.getCipher().standardName, suite)
  socket.destroy()
  await assert.rejects(shake(port, { ...old, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }))
  const modern = await shake(port, { ca })
  assert.equal(modern.getProtocol(), 'TLSv1.3')
  modern.destroy()
})

test('follows the certificate, and keeps the old one while half of the pair is new or broken', async (t) => {
  const { app, port, cert, write } = await startSecure(t)
  const kept = await shake(port, { ca: cert })
  const told = (event: string) => app.logs().filter(({ msg }) => msg === event)
  const next = selfSigned(t, 'localhost')

  write({ cert: next.cert, key: selfSigned(t, 'localhost').key })
  await eventually(() => {
    assert.equal(told('certificate kept as it was: its files cannot be used').length, 1)
  })
  assert.equal((await get(port, cert)).statusCode, 200)

  write(next)
  await eventually(() => assert.equal(told('certificate reloaded').length, 1))
  assert.equal((await get(port, next.cert)).statusCode, 200)
  await assert.rejects(get(port, cert))
  kept.write('GET /ping HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const [answer] = (await once(kept, 'data')) as [Buffer]
  assert.match(answer.toString(), /^HTTP\/1.1 200 /, 'a connection from before goes on')
})

for (const [name, change] of [
  ['no certificate', { cert: 'none' }],
  ['nothing', { cert: '', key: '' }],
  ['the key of another', { key: 'other' }],
] as const) {
  test(`does not start with ${name}`, async (t) => {
    const folder = temporaryFolder(t)
    const pair = { ...selfSigned(t, 'localhost'), ...change }
    const key = pair.key === 'other' ? selfSigned(t, 'localhost').key : pair.key
    writeFileSync(join(folder, 'tls.crt'), pair.cert)
    writeFileSync(join(folder, 'tls.key'), key)
    const flags = [`--tls-cert-file=${folder}/tls.crt`, `--tls-key-file=${folder}/tls.key`]
    await assert.rejects(buildApp(t, flags), /tls_cert_file and tls_key_file cannot be used/)
  })
}

test('connections on which nothing was asked do not hold up the end', async (t) => {
  const { app, port, cert } = await startSecure(t, ['--shutdown-timeout=60s'])
  const silent = await shake(port, { ca: cert })
  const speechless = connectTcp(port, '127.0.0.1')
  await once(speechless, 'connect')
  await app.close()
  await Promise.all([closed(silent), closed(speechless)])
})
