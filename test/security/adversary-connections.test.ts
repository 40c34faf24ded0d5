// What a client can do to a connection rather than to a request: reset it, pipeline on it, leave it.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, createServer as createTcpServer, type AddressInfo, type Server } from 'node:net'
import { test, type TestContext } from 'node:test'
import { buildApp, type TestApp } from '../support/app.ts'
import { afterTest } from '../support/cleanup.ts'
import { eventually } from '../support/eventually.ts'

const host = 'Host: app.example.com\r\n'
const webSocket =
  `GET /open/socket HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n'

async function listening(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => server.close())
  return (server.address() as AddressInfo).port
}

/** Proxy mode in front of an upstream that answers with these bytes; `/open` needs no sign-in. */
async function startProxy(
  t: TestContext,
  upstreamPort: number,
  flags: readonly string[] = [],
): Promise<{ readonly app: TestApp; readonly port: number }> {
  const upstream = `--upstream=http://127.0.0.1:${upstreamPort}/`
  const app = await buildApp(t, [upstream, '--skip-auth-route=^/open', ...flags])
  return { app, port: Number(new URL(await app.listen()).port) }
}

/** Everything that the server sends until it closes the connection. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  let received = ''
  socket.on('data', (chunk: string) => {
    received += chunk
  })
  socket.write(text)
  await once(socket, 'close')
  return received
}

test('SEC-2, SEC-42: a stranger that resets its connection is no trusted peer', async (t) => {
  const reached: string[] = []
  const upstreamPort = await listening(
    t,
    createServer((request, response) => {
      reached.push(request.url ?? '')
      response.end()
    }),
  )
  const { port } = await startProxy(t, upstreamPort, [
    '--reverse-proxy=true',
    '--trusted-proxy-ip=192.0.2.1',
    '--trusted-ip=10.0.0.0/8',
  ])
  const attack = async (index: number): Promise<void> => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const fields = `${host}X-Real-IP: 10.0.0.1\r\nContent-Length: 0\r\n`
    socket.write(`POST /transfer/${index} HTTP/1.1\r\n${fields}\r\n`, () =>
      socket.resetAndDestroy(),
    )
    await once(socket, 'close')
  }
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(Array.from({ length: 40 }, (_, index) => attack(index)))
  }
  await exchange(port, `GET /open/last HTTP/1.1\r\n${host}Connection: close\r\n\r\n`)
  assert.deepEqual(reached, ['/open/last'])
})

test('SEC-35: an upgrade behind a request that still waits for its answer does no harm', async (t) => {
  const upstreamPort = await listening(
    t,
    createServer((_request, response) => {
      setTimeout(() => response.end('slow'), 50)
    }),
  )
  const { port } = await startProxy(t, upstreamPort)
  const last = webSocket.replace('Connection: Upgrade', 'Connection: close, Upgrade')
  for (const [path, status] of [
    ['/open/slow', 200],
    ['/closed', 401],
  ] as const) {
    const first = `GET ${path} HTTP/1.1\r\n${host}\r\n`
    const statuses = (await exchange(port, first + last)).match(/HTTP\/1.1 \d+/g)
    assert.deepEqual(statuses, [`HTTP/1.1 ${status}`, 'HTTP/1.1 400'])
  }
})

test('SEC-39: an upstream whose answer cannot be passed on leaves nobody waiting', async (t) => {
  const answers = [
    'HTTP/1.1 200 \x01\r\nContent-Length: 2\r\n\r\nhi',
    'HTTP/1.1 000 None\r\nContent-Length: 2\r\n\r\nhi',
    '\x00\x01\x02\r\n\r\n',
  ]
  for (const answer of answers) {
    const upstream = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(Buffer.from(answer, 'latin1')))
    })
    const { port } = await startProxy(t, await listening(t, upstream))
    const plain = `GET /open HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
    assert.match(await exchange(port, plain), /^HTTP\/1.1 502 Bad Gateway\r\n/)
    assert.match(await exchange(port, webSocket), /^HTTP\/1.1 502 Bad Gateway\r\n/)
  }
})

test('a request whose client hangs up is logged like any other', async (t) => {
  const upstream = createServer(() => {
    client.resetAndDestroy()
  })
  const { app, port } = await startProxy(t, await listening(t, upstream))
  const client = connect(port, '127.0.0.1')
  client.on('error', () => {})
  client.write(`POST /open/order HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`)
  await eventually(() => {
    const line = app.logs().find(({ msg }) => msg === 'request')
    assert.equal(line?.['path'], '/open/order')
    assert.equal(line['status'], 499)
    assert.equal(line['reason'], 'skipped-route')
  })
})

test('SEC-34, SEC-35: a path that cannot be decoded gets a page like other bad requests', async (t) => {
  const { server } = await buildApp(t)
  const { statusCode, headers, body } = await server.inject({ url: '/%ff<script>' })
  assert.equal(statusCode, 400)
  assert.match(String(headers['cache-control']), /no-store/)
  assert.match(String(headers['content-security-policy']), /default-src 'none'/)
  assert.doesNotMatch(body, /<script|FST_/)
})

test('SEC-35: a Host that fits into no URL is refused', async (t) => {
  const { server } = await buildApp(t, ['--provider-logout=true'])
  for (const name of ['1.2.3.256', 'a:99999', '[:::]', 'a b', 'a/b', 'a@b']) {
    for (const url of ['/oauth2/sign_out?rd=/x', '/oauth2/start', '/oauth2/callback', '/']) {
      const { statusCode } = await server.inject({ url, headers: { host: name } })
      assert.equal(statusCode, 400, `${name} ${url}`)
    }
  }
})
