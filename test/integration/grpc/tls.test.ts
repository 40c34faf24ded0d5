import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { connect as connectTcp } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import { once } from 'node:events'
import { credentials, status, type ChannelCredentials } from '@grpc/grpc-js'
import { buildApp } from '../../support/app.ts'
import { selfSigned } from '../../support/certificate.ts'
import { afterTest } from '../../support/cleanup.ts'
import { checkPath, checkRequest, grpcClient, readCheckResponse } from '../../support/ext-authz.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/process.ts'

type Pair = { readonly cert: string; readonly key: string }

/** The service with a certificate for `localhost` on its gRPC listener, which lets /open pass. */
async function startSecure(t: TestContext, flags: readonly string[] = []) {
  const folder = temporaryFolder(t)
  const write = ({ cert, key }: Pair): void => {
    writeFileSync(join(folder, 'tls.crt'), cert)
    writeFileSync(join(folder, 'tls.key'), key)
  }
  const first = selfSigned(t, 'localhost')
  write(first)
  const app = await buildApp(t, [
    '--grpc-address=127.0.0.1:0',
    `--grpc-tls-cert-file=${folder}/tls.crt`,
    `--grpc-tls-key-file=${folder}/tls.key`,
    '--skip-auth-route=^/open',
    ...flags,
  ])
  await app.listen()
  const address = String(app.logs().find(({ msg }) => msg === 'listening for gRPC')?.['address'])
  const port = Number(address.split(':').at(-1))
  const ask = async (channel: ChannelCredentials): Promise<boolean> => {
    const call = grpcClient(t, `localhost:${port}`, channel)
    return readCheckResponse(await call(checkPath, checkRequest({ path: '/open' }))).passes
  }
  return { app, port, cert: first.cert, write, ask }
}

/** Trusts that certificate, and shows one of its own where it has one. */
function trusting(cert: string, own?: Pair): ChannelCredentials {
  const pem = Buffer.from
  return credentials.createSsl(pem(cert), own ? pem(own.key) : null, own ? pem(own.cert) : null)
}

const refused = { code: status.UNAVAILABLE }

test('serves gRPC over TLS, and nothing beside it', async (t) => {
  const { cert, ask } = await startSecure(t)
  assert.equal(await ask(trusting(cert)), true)
  await assert.rejects(ask(credentials.createInsecure()), refused)
  await assert.rejects(ask(trusting(selfSigned(t, 'localhost').cert)), refused)
})

test('takes the lowest version that tls_min_version names', async (t) => {
  const { port, cert: ca } = await startSecure(t, ['--tls-min-version=TLS1.3'])
  const shake = async (maxVersion: 'TLSv1.2' | 'TLSv1.3'): Promise<TLSSocket> => {
    const target = { host: '127.0.0.1', port, servername: 'localhost', ALPNProtocols: ['h2'] }
    const socket = connect({ ...target, ca, maxVersion })
    afterTest(t, () => socket.destroy())
    await once(socket, 'secureConnect')
    return socket
  }
  assert.equal((await shake('TLSv1.3')).alpnProtocol, 'h2')
  await assert.rejects(shake('TLSv1.2'))
})

test('connections on which nothing was asked do not hold up the end', async (t) => {
  const { app, port, cert } = await startSecure(t, ['--shutdown-timeout=60s'])
  const speechless = connectTcp(port, '127.0.0.1')
  const silent = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: cert })
  await Promise.all([once(speechless, 'connect'), once(silent, 'secureConnect')])
  const ends = [speechless, silent].map((socket) => once(socket.resume(), 'close'))
  await app.close()
  await Promise.all(ends)
})

test('follows its certificate, and keeps the old one while the new pair is broken', async (t) => {
  const { app, cert, write, ask } = await startSecure(t)
  const told = (event: string) => app.logs().filter(({ msg }) => msg === event)
  const next = selfSigned(t, 'localhost')
  write({ cert: next.cert, key: selfSigned(t, 'localhost').key })
  await eventually(() => {
    const [line] = told('certificate kept as it was: its files cannot be used')
    assert.equal(line?.['option'], 'grpc_tls_cert_file')
  })
  assert.equal(await ask(trusting(cert)), true)
  write(next)
  await eventually(() => assert.equal(told('certificate reloaded').length, 1))
  assert.equal(await ask(trusting(next.cert)), true)
  await assert.rejects(ask(trusting(cert)), refused)
})

test('with grpc_tls_client_ca_file nobody asks without a certificate of that CA', async (t) => {
  const [gateway, stranger, next] = [1, 2, 3].map(() => selfSigned(t, 'gateway'))
  assert.ok(gateway && stranger && next)
  const caPath = join(temporaryFolder(t), 'ca.crt')
  writeFileSync(caPath, gateway.cert)
  const { app, cert, ask } = await startSecure(t, [`--grpc-tls-client-ca-file=${caPath}`])
  assert.equal(await ask(trusting(cert, gateway)), true)
  await assert.rejects(ask(trusting(cert)), refused)
  await assert.rejects(ask(trusting(cert, stranger)), refused)

  writeFileSync(caPath, next.cert)
  await eventually(() => {
    assert.ok(app.logs().some(({ msg }) => msg === 'certificate reloaded'))
  })
  assert.equal(await ask(trusting(cert, next)), true)
  await assert.rejects(ask(trusting(cert, gateway)), refused)
})

for (const [name, change] of [
  ['no certificate', { cert: 'none' }],
  ['the key of another', { key: 'other' }],
  ['no CA of clients', { ca: 'none' }],
] as const) {
  test(`does not start with ${name}`, async (t) => {
    const folder = temporaryFolder(t)
    const { cert, key } = selfSigned(t, 'localhost')
    const files = { cert, key, ca: cert, ...change }
    if (files.key === 'other') files.key = selfSigned(t, 'localhost').key
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
    const flags = ['cert', 'key', 'client-ca'].map(
      (file) => `--grpc-tls-${file}-file=${folder}/${file.replace('client-', '')}`,
    )
    await assert.rejects(
      buildApp(t, flags),
      /grpc_tls_cert_file and grpc_tls_key_file and grpc_tls_client_ca_file cannot be used/,
    )
  })
}
