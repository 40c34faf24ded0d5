import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { test } from 'node:test'
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls'
import { afterTest, type Cleanup } from '../../support/cleanup.ts'
import { httpUpstream, listen, rawRequest, startProxy } from './harness.ts'
import { selfSigned } from '../../support/certificate.ts'

const get = 'GET / HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\r\n'

/** An https upstream with a certificate for `localhost` that nobody signed but itself. */
async function startSecureUpstream(t: Cleanup): Promise<{
  port: number
  certificate: string
  names: unknown[]
}> {
  const { key, cert } = selfSigned(t, 'localhost')
  const seen: unknown[] = []
  const server = createServer({ key, cert }, (incoming: IncomingMessage, outgoing) => {
    seen.push([(incoming.socket as TLSSocket).servername, incoming.headers.host])
    outgoing.end('secret')
  })
  return { port: await listen(t, server), certificate: cert, names: seen }
}

const secure = (host: string, port: number) =>
  ({ kind: 'http', path: '/', url: new URL(`https://${host}:${port}/`) }) as const

test('an https upstream is reached when its certificate holds for its own name', async (t) => {
  const { port, certificate, names } = await startSecureUpstream(t)
  const before = getCACertificates('default')
  setDefaultCACertificates([...before, certificate])
  afterTest(t, () => setDefaultCACertificates(before))

  const byName = await startProxy(t, [secure('localhost', port)])
  assert.match(await rawRequest(t, byName.port, get), /^HTTP\/1.1 200 [^]*secret/)
  assert.deepEqual(names, [['localhost', 'app.example']])

  const byAddress = await startProxy(t, [secure('127.0.0.1', port)])
  assert.match(await rawRequest(t, byAddress.port, get), /x-failure: unreachable/)
})

test('an https upstream with an unknown certificate is reached only if told so', async (t) => {
  const { port } = await startSecureUpstream(t)
  const strict = await startProxy(t, [secure('localhost', port)])
  assert.match(await rawRequest(t, strict.port, get), /^HTTP\/1.1 502 [^]*x-failure: unreachable/)

  for (const key of ['ssl_upstream_insecure_skip_verify', 'ssl_insecure_skip_verify']) {
    const options = { [key]: true }
    const lax = await startProxy(t, [httpUpstream(port, '/', 'https')], { options })
    assert.match(await rawRequest(t, lax.port, get), /^HTTP\/1.1 200 [^]*secret/)
  }
})
