import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { buildApp } from '../../support/app.ts'
import { afterTest } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { freePort, temporaryFolder } from '../../support/process.ts'

const open = '--skip-auth-route=^/'
const browser = { accept: 'text/html', host: 'app.example.com' }

/** An upstream that switches protocols and then echoes. */
async function startUpstream(t: TestContext, listener: RequestListener) {
  const sockets: Socket[] = []
  const server = createServer(listener).on('upgrade', (_request, socket: Socket) => {
    sockets.push(socket)
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
    )
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The app's answers to what is written on a raw connection. */
function converse(t: TestContext, address: string, text: string) {
  const { port, hostname } = new URL(address)
  const socket = connect(Number(port), hostname)
  afterTest(t, () => socket.destroy())
  let received = ''
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString()
  })
  socket.on('error', () => undefined)
  socket.write(text)
  return { socket, received: () => received }
}

const upgradeRequest = (headers = '') =>
  'GET /chat HTTP/1.1\r\nHost: app.example.com\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`

const spoken = { 'x-forwarded-host': 'www.example.com', 'x-forwarded-for': '9.9.9.9' }

/** Headers that the upstream got for one open request with those of a client or proxy. */
async function headersAtUpstream(
  t: TestContext,
  flags: readonly string[],
  said: Readonly<Record<string, string>> = spoken,
) {
  const seen: IncomingHttpHeaders[] = []
  const url = await startUpstream(t, ({ headers }, response) => {
    seen.push(headers)
    response.setHeader('x-app', 'yes').end('from the app')
  })
  const app = await buildApp(t, [open, `--upstream=${url}/`, ...flags])
  const answer = await fetch(`${await app.listen()}/deep?x=1`, { headers: said })
  assert.equal(await answer.text(), 'from the app')
  assert.equal(answer.headers.get('x-app'), 'yes')
  const line = app.logs().find(({ msg }) => msg === 'request')
  assert.deepEqual([line?.['status'], line?.['path']], [200, '/deep'])
  const { host = '', ...headers } = seen[0] ?? {}
  return {
    host,
    forwardedHost: headers['x-forwarded-host'],
    forwardedProto: headers['x-forwarded-proto'],
    forwardedFor: headers['x-forwarded-for'],
  }
}

test('hands an open request on, with what a proxy in front of us says of the client', async (t) => {
  const { forwardedHost, forwardedProto, forwardedFor } = await headersAtUpstream(t, [])
  assert.equal(forwardedHost, 'www.example.com')
  assert.equal(forwardedProto, 'http', 'said by us, for the proxy did not')
  assert.equal(forwardedFor, '9.9.9.9, 127.0.0.1')
})

test('what a proxy says in no form to believe is said anew', async (t) => {
  const { host, ...headers } = await headersAtUpstream(t, [], {
    'x-forwarded-host': 'evil.example, b',
    'x-forwarded-proto': 'gopher',
  })
  assert.equal(headers.forwardedHost, host)
  assert.equal(headers.forwardedProto, 'http')
})

test('SEC-2: what a stranger says of itself does not reach the upstream', async (t) => {
  const flags = ['--trusted-proxy-ip=10.0.0.0/8']
  const { host, forwardedHost, forwardedFor } = await headersAtUpstream(t, flags)
  assert.equal(forwardedHost, host)
  assert.equal(forwardedFor, '127.0.0.1')
})

test('an upstream that cannot be reached is a page with 502, one that is silent with 504', async (t) => {
  const silent = await startUpstream(t, () => undefined)
  const { server } = await buildApp(t, [
    open,
    `--upstream=http://127.0.0.1:${await freePort()}/`,
    `--upstream=${silent}/silent/`,
    '--upstream-timeout=100ms',
  ])
  for (const [url, status] of [
    ['/', 502],
    ['/silent/', 504],
  ] as const) {
    const answer = await server.inject({ url, headers: browser })
    assert.equal(answer.statusCode, status)
    assert.match(String(answer.headers['content-type']), /text\/html/)
  }
})

test('serves file upstreams, redirects to the slash, and 404 for the rest', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'hello.txt'), 'hello')
  const { server } = await buildApp(t, [open, `--upstream=file://${folder}#/docs/`])
  for (const [url, status, body] of [
    ['/docs/hello.txt', 200, /^hello$/],
    ['/docs', 301, /^$/],
    ['/nothing', 404, /<html/],
  ] as const) {
    const answer = await server.inject({ url, headers: browser })
    assert.equal(answer.statusCode, status, url)
    assert.match(answer.body, body)
  }
})

test('a static upstream answers for every path', async (t) => {
  const { server } = await buildApp(t, [open, '--upstream=static://202'])
  const answer = await server.inject({ url: '/any/where', headers: browser })
  assert.deepEqual([answer.statusCode, answer.body], [202, 'Authenticated'])
})

test('a WebSocket passes when the check allows it and is cut off by the shutdown', async (t) => {
  const url = await startUpstream(t, (_request, response) => response.end())
  const app = await buildApp(t, [open, `--upstream=${url}/`, '--shutdown-timeout=2500ms'])
  const { socket, received } = converse(t, await app.listen(), upgradeRequest())
  await eventually(() => assert.match(received(), /^HTTP\/1\.1 101 /))
  socket.write('ping')
  await eventually(() => assert.match(received(), /ping$/))
  await Promise.all([app.close(), once(socket, 'close')])
  await eventually(() => {
    const line = app.logs().find(({ msg }) => msg === 'request')
    assert.deepEqual([line?.['status'], line?.['path'], line?.['outcome']], [101, '/chat', 'allow'])
  })
})

test('an upgrade of one of our own paths is answered by us, not by the upstream', async (t) => {
  const url = await startUpstream(t, (_request, response) => response.end('from the app'))
  const app = await buildApp(t, [open, `--upstream=${url}/`])
  const text = upgradeRequest().replace('/chat', '/oauth2/auth')
  const { received } = converse(t, await app.listen(), text)
  await eventually(() => assert.match(received(), /^HTTP\/1\.1 401 /))
})

test('a WebSocket without a session is refused with 401, and without an upstream with 404', async (t) => {
  const url = await startUpstream(t, (_request, response) => response.end())
  const guarded = await buildApp(t, [`--upstream=${url}/`])
  const none = await buildApp(t, [open, `--upstream=${url}/elsewhere/`])
  for (const [app, status] of [
    [guarded, 401],
    [none, 404],
  ] as const) {
    const { received } = converse(t, await app.listen(), upgradeRequest())
    await eventually(() => assert.match(received(), new RegExp(`^HTTP/1\\.1 ${status} `)))
  }
})

test('an upgrade that could be read in two ways is refused with 400', async (t) => {
  const url = await startUpstream(t, (_request, response) => response.end())
  const app = await buildApp(t, [open, `--upstream=${url}/`])
  const { received } = converse(
    t,
    await app.listen(),
    upgradeRequest('Content-Length: 3\r\n') + 'abc',
  )
  await eventually(() => assert.match(received(), /^HTTP\/1\.1 400 /))
})

test('an upgrade to something else than WebSocket is an ordinary request', async (t) => {
  const url = await startUpstream(t, (_request, response) => response.end('plain'))
  const app = await buildApp(t, [open, `--upstream=${url}/`])
  const { received } = converse(
    t,
    await app.listen(),
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
  )
  await eventually(() => assert.match(received(), /^HTTP\/1\.1 (200|400) /))
})
