import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { afterTest, type Cleanup } from '../../support/cleanup.ts'
import {
  bytes,
  closedPort,
  httpUpstream,
  rawClient,
  rawRequest,
  startProxy,
  startRawUpstream,
} from './harness.ts'
import { eventually } from '../../support/eventually.ts'

const upgrade =
  'GET /chat?x=1 HTTP/1.1\r\nHost: app.example\r\nConnection: keep-alive, Upgrade\r\n' +
  'Upgrade: WebSocket\r\nSec-WebSocket-Version: 13\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

interface WebSocketUpstream {
  readonly port: number
  /** Of each handshake. */
  readonly heads: string[]
  readonly sockets: Socket[]
}

/** Shakes hands (RFC 6455 4.2) and sends every frame (up to 125 bytes) back, unmasked. */
async function startEcho(t: Cleanup): Promise<WebSocketUpstream> {
  const heads: string[] = []
  const sockets: Socket[] = []
  const port = await startRawUpstream(t, (socket) => {
    sockets.push(socket)
    let isOpen = false
    let received = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
      if (!isOpen) {
        const end = received.indexOf('\r\n\r\n')
        if (end === -1) return
        const head = received.subarray(0, end).toString('latin1')
        heads.push(head)
        received = received.subarray(end + 4)
        socket.write(handshake(/^sec-websocket-key: (.*)$/im.exec(head)?.[1] ?? ''))
        isOpen = true
      }
      while (received.length >= 6 && received.length >= 6 + frameLength(received)) {
        const length = frameLength(received)
        socket.write(unmask(received.subarray(0, 6 + length)))
        if (isClose(received)) socket.end()
        received = received.subarray(6 + length)
      }
    })
  })
  return { port, heads, sockets }
}

function handshake(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
  return (
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    `X-App: 1\r\nSec-WebSocket-Accept: ${accept.digest('base64')}\r\n\r\n`
  )
}

function frameLength(frame: Buffer): number {
  return (frame[1] ?? 0) & 0x7f
}

function isClose(frame: Buffer): boolean {
  return ((frame[0] ?? 0) & 0x0f) === 8
}

function unmask(frame: Buffer): Buffer {
  const mask = frame.subarray(2, 6)
  const payload = frame.subarray(6).map((byte, index) => byte ^ (mask[index % 4] ?? 0))
  return Buffer.concat([Buffer.from([frame[0] ?? 0, payload.length]), payload])
}

function openWebSocket(t: Cleanup, port: number): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/chat?x=1`)
  afterTest(t, () => socket.close())
  return socket
}

test('messages pass both ways', async (t) => {
  const { port, heads } = await startEcho(t)
  const proxy = await startProxy(t, [httpUpstream(port)])
  const socket = openWebSocket(t, proxy.port)
  await once(socket, 'open')
  const messages: unknown[] = []
  socket.addEventListener('message', ({ data }) => messages.push(data))
  for (const text of ['one', 'two']) socket.send(text)
  await eventually(() => assert.deepEqual(messages, ['one', 'two']))
  socket.close()
  await once(socket, 'close')
  assert.match(heads[0] ?? '', /^GET \/chat\?x=1 HTTP\/1.1\r\n/)
  await eventually(() => assert.deepEqual(proxy.outcomes, ['ok']))
})

test('SEC-6: the handshake carries our identity headers and no spoofed ones', async (t) => {
  const { port, heads } = await startEcho(t)
  const passage = {
    requestHeaders: { 'x-forwarded-user': 'ann' },
    responseHeaders: { 'x-auth-request-user': 'ann' },
  }
  const proxy = await startProxy(t, [httpUpstream(port)], { passage })
  const client = rawClient(
    t,
    proxy.port,
    `${upgrade}X_Forwarded_User: mallory\r\nCookie: a=1; _oauth2_proxy=s\r\n\r\n`,
  )
  await eventually(() => assert.match(client.received(), /\r\n\r\n/))
  assert.match(client.received(), /^HTTP\/1.1 101 Switching Protocols\r\nX-App: 1\r\n/)
  assert.match(client.received(), /\r\nx-auth-request-user: ann\r\n/)
  assert.match(client.received(), /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/)
  const head = heads[0] ?? ''
  assert.match(head, /\r\nHost: app.example\r\n/)
  assert.match(head, /\r\nCookie: a=1\r\n/)
  assert.match(head, /\r\nx-forwarded-user: ann\r\n/)
  assert.match(head, /\r\nConnection: Upgrade\r\nUpgrade: websocket$/)
  assert.doesNotMatch(head, /mallory|_oauth2_proxy/)
})

test('bytes sent right behind the handshake arrive, on both sides', async (t) => {
  const port = await startRawUpstream(t, (socket) => {
    let received = ''
    socket.on('data', (chunk: Buffer) => {
      if (received === '') socket.write(`${handshake('')}early`)
      received += chunk.toString('latin1')
      if (received.endsWith('\r\n\r\nahead')) socket.write('seen')
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, `${upgrade}\r\nahead`)
  await eventually(() => assert.match(client.received(), /\r\n\r\nearlyseen$/))
})

test('whichever side closes, the other is closed', async (t) => {
  const { port, sockets } = await startEcho(t)
  const proxy = await startProxy(t, [httpUpstream(port)])

  const leaving = rawClient(t, proxy.port, `${upgrade}\r\n`)
  await eventually(() => assert.match(leaving.received(), /^HTTP\/1.1 101 /))
  leaving.socket.end()
  await leaving.closed
  await eventually(() => assert.ok(sockets[0]?.destroyed))

  const left = rawClient(t, proxy.port, `${upgrade}\r\n`)
  await eventually(() => assert.match(left.received(), /^HTTP\/1.1 101 /))
  sockets[1]?.resetAndDestroy()
  await left.closed
  await eventually(() => assert.deepEqual(proxy.outcomes, ['ok', 'ok']))
})

test('an upstream that does not close its side holds no client', async (t) => {
  const port = await startRawUpstream(
    t,
    (socket) => socket.once('data', () => socket.write(handshake(''))).resume(),
    { allowHalfOpen: true },
  )
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, `${upgrade}\r\n`)
  await eventually(() => assert.match(client.received(), /^HTTP\/1.1 101 /))
  client.socket.end()
  await client.closed
  await eventually(() => assert.deepEqual(proxy.outcomes, ['ok']))
})

test('SEC-37: the tunnel is cut when the session ends', async (t) => {
  const session = new AbortController()
  const { port, sockets } = await startEcho(t)
  const passage = { signal: session.signal }
  const proxy = await startProxy(t, [httpUpstream(port)], { passage })
  const client = rawClient(t, proxy.port, `${upgrade}\r\n`)
  await eventually(() => assert.match(client.received(), /^HTTP\/1.1 101 /))
  session.abort()
  await client.closed
  await eventually(() => assert.ok(sockets[0]?.destroyed))
  await eventually(() => assert.deepEqual(proxy.outcomes, ['session-ended']))
  const late = await rawRequest(t, proxy.port, `${upgrade}\r\n`)
  assert.match(late, /^HTTP\/1.1 401 [^]*x-failure: session-ended/)
})

test('SEC-36: what a client sends ahead goes nowhere when the upstream declines', async (t) => {
  let received = ''
  const port = await startRawUpstream(t, (socket) => {
    socket.on('data', (chunk: Buffer) => {
      received += chunk.toString('latin1')
      socket.write('HTTP/1.1 403 No\r\nContent-Length: 4\r\nX-App: 1\r\n\r\nstop')
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const answer = await rawRequest(t, proxy.port, `${upgrade}\r\nGET /smuggled HTTP/1.1\r\n\r\n`)
  assert.match(answer, /^HTTP\/1.1 403 No\r\nX-App: 1\r\n[^]*Connection: close\r\n\r\nstop$/)
  assert.doesNotMatch(received, /smuggled/)
  await eventually(() => assert.deepEqual(proxy.outcomes, ['ok']))
})

test('an upstream that is down, or switches to something else, gives 502', async (t) => {
  const other = await startRawUpstream(t, (socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
    )
  })
  const proxy = await startProxy(t, [
    httpUpstream(await closedPort()),
    httpUpstream(other, '/chat'),
  ])
  const down = await rawRequest(t, proxy.port, `${upgrade.replace('/chat', '/x')}\r\n`)
  assert.match(down, /^HTTP\/1.1 502 [^]*x-failure: unreachable/)
  assert.match(await rawRequest(t, proxy.port, `${upgrade}\r\n`), /^HTTP\/1.1 502 [^]*: broken/)
})

test('an upstream that keeps the handshake waiting gives 504', async (t) => {
  const port = await startRawUpstream(t, (socket) => socket.resume())
  const proxy = await startProxy(t, [httpUpstream(port)], { options: { upstream_timeout: 50 } })
  assert.match(await rawRequest(t, proxy.port, `${upgrade}\r\n`), /^HTTP\/1.1 504 /)
})

for (const [name, text] of [
  ['another protocol', upgrade.replace('WebSocket', 'h2c')],
  ['one protocol of several', upgrade.replace('WebSocket', 'websocket, h2c')],
  ['a body', `${upgrade}Content-Length: 3\r\n`],
  ['a chunked body', `${upgrade}Transfer-Encoding: chunked\r\n`],
  ['no key', upgrade.replace(/Sec-WebSocket-Key.*\r\n/, '')],
  ['another method', upgrade.replace('GET', 'POST')],
  ['an identity header listed in Connection', upgrade.replace('keep-alive', 'X-Forwarded-User')],
] as const) {
  test(`SEC-36: an upgrade with ${name} is refused`, async (t) => {
    const { port, heads } = await startEcho(t)
    const proxy = await startProxy(t, [httpUpstream(port)])
    assert.match(await rawRequest(t, proxy.port, `${text}\r\n`), /^HTTP\/1.1 400 /)
    assert.deepEqual(heads, [])
  })
}

test('no upgrade without proxy_websockets, nor to what is no app', async (t) => {
  const { port, heads } = await startEcho(t)
  const off = await startProxy(t, [httpUpstream(port)], { options: { proxy_websockets: false } })
  const fixed = await startProxy(t, [{ kind: 'static', path: '/', status: 200 }])
  for (const proxy of [off, fixed]) {
    assert.match(await rawRequest(t, proxy.port, `${upgrade}\r\n`), /^HTTP\/1.1 400 /)
  }
  assert.deepEqual(heads, [])
})

test('a client that resets before the handshake is answered ends nothing but itself', async (t) => {
  let opened: Socket | undefined
  const port = await startRawUpstream(t, (socket) => {
    opened = socket
    socket.resume()
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, `${upgrade}\r\n`)
  await eventually(() => assert.ok(opened))
  client.socket.write(bytes('x'))
  client.socket.resetAndDestroy()
  await eventually(() => assert.deepEqual(proxy.outcomes, ['client-gone']))
  await eventually(() => assert.ok(opened?.destroyed))
})
