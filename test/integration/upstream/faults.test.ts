// Upstreams that are down, slow, rude or broken, and clients that leave.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { afterTest } from '../../support/cleanup.ts'
import {
  closedPort,
  defaultOptions,
  httpUpstream,
  plainPassage,
  rawClient,
  rawRequest,
  recordingUpstream,
  startProxy,
  startRawUpstream,
  startUpstream,
} from './harness.ts'
import { eventually } from '../../support/eventually.ts'
import { createForwarder } from '../../../src/upstream/forwarder.ts'

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

test('an upstream that refuses connections or has no address is unreachable', async (t) => {
  const nowhere = { kind: 'http', path: '/x', url: new URL('http://nowhere.invalid/x') } as const
  const proxy = await startProxy(t, [httpUpstream(await closedPort()), nowhere])
  assert.match(await rawRequest(t, proxy.port, get), /^HTTP\/1.1 502 [^]*x-failure: unreachable/)
  const named = get.replace('/', '/x')
  assert.match(await rawRequest(t, proxy.port, named), /^HTTP\/1.1 502 [^]*x-failure: unreachable/)
})

for (const [name, kind, answer] of [
  ['closes without an answer', 'closed', ''],
  ['stops within the head', 'closed', 'HTTP/1.1 200 OK\r\nConte'],
  ['does not speak HTTP', 'broken', 'SSH-2.0-OpenSSH\r\n'],
  ['folds header lines', 'broken', 'HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n'],
  ['puts NUL into a value', 'broken', 'HTTP/1.1 200 OK\r\nX-A: b\0c\r\n\r\n'],
  [
    'sends two kinds of framing',
    'broken',
    'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ],
  ['sends a status that is none', 'broken', 'HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n'],
  [
    'switches protocols unasked',
    'closed',
    'HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  ],
] as const) {
  test(`an upstream that ${name} gives 502 (${kind})`, async (t) => {
    const port = await startRawUpstream(t, (socket) => {
      socket.once('data', () => socket.end(answer, 'latin1'))
    })
    const proxy = await startProxy(t, [httpUpstream(port)])
    const received = await rawRequest(t, proxy.port, get)
    assert.match(received, new RegExp(`^HTTP/1.1 502 [^]*x-failure: ${kind}\r\n`))
  })
}

test('an upstream that does not start its answer in time gives 504', async (t) => {
  let aborted = false
  const port = await startUpstream(t, (incoming) => {
    incoming.once('close', () => {
      aborted = true
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)], { options: { upstream_timeout: 50 } })
  assert.match(await rawRequest(t, proxy.port, get), /^HTTP\/1.1 504 [^]*x-failure: timeout/)
  await eventually(() => assert.ok(aborted))
})

test('an upstream that stops reading an upload gives 504', async (t) => {
  const port = await startRawUpstream(t, (socket) => socket.pause())
  const proxy = await startProxy(t, [httpUpstream(port)], { options: { upstream_timeout: 100 } })
  const client = rawClient(
    t,
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n',
  )
  const chunk = Buffer.alloc(1 << 20)
  for (let count = 0; count < 30; count += 1) client.socket.write(chunk)
  await eventually(() => assert.match(client.received(), /^HTTP\/1.1 504 /))
})

test('the timeout counts neither a slow upload nor a slow body of the answer', async (t) => {
  let finish = (): void => undefined
  let onFirstByte = (_chunk: Buffer): void => undefined
  const firstByte = new Promise<Buffer>((resolve) => {
    onFirstByte = resolve
  })
  const port = await startUpstream(t, (incoming, outgoing) => {
    incoming.once('data', onFirstByte)
    incoming.once('end', () => outgoing.write('head'))
    finish = () => outgoing.end('tail')
  })
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(
    t,
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\na',
  )
  await firstByte
  t.mock.timers.tick(3_600_000)
  client.socket.write('b')
  await once(client.socket, 'data')
  t.mock.timers.tick(3_600_000)
  finish()
  await client.closed
  assert.match(client.received(), /^HTTP\/1.1 200 [^]*head[^]*tail/)
  await eventually(() => assert.deepEqual(proxy.outcomes, ['ok']))
})

for (const [framing, head] of [
  ['chunked', 'Transfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'],
  ['length', 'Content-Length: 99\r\n\r\npart'],
] as const) {
  test(`an answer that breaks off stays visibly cut (${framing})`, async (t) => {
    let upstream: Socket | undefined
    const port = await startRawUpstream(t, (socket) => {
      upstream = socket
      socket.once('data', () => socket.write(`HTTP/1.1 200 OK\r\n${head}`))
    })
    const proxy = await startProxy(t, [httpUpstream(port)])
    const client = rawClient(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await eventually(() => assert.match(client.received(), /part/))
    upstream?.resetAndDestroy()
    await client.closed
    assert.doesNotMatch(client.received(), /\r\n0\r\n/)
    await eventually(() => assert.deepEqual(proxy.outcomes, ['broken']))
  })
}

test('an HTTP/1.0 client sees a reset, because to it a close is the end of the body', async (t) => {
  let upstream: Socket | undefined
  const port = await startRawUpstream(t, (socket) => {
    upstream = socket
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n'),
    )
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')
  await eventually(() => assert.match(client.received(), /part/))
  upstream?.destroy()
  assert.equal(await client.closed, 'ECONNRESET')
})

test('a switch of protocols that nobody asked for is no answer', async (t) => {
  const port = await startRawUpstream(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 101 Switching Protocols\r\n\r\n'))
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const received = await rawRequest(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.doesNotMatch(received, /^HTTP\/1.1 101/)
  await eventually(() => assert.notDeepEqual(proxy.outcomes, ['ok']))
})

test('a broken chunk in an answer cuts it', async (t) => {
  const port = await startRawUpstream(t, (socket) => {
    socket.once('data', () =>
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\nzz\r\n'),
    )
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const received = await rawRequest(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.doesNotMatch(received, /\r\n0\r\n/)
  await eventually(() => assert.deepEqual(proxy.outcomes, ['broken']))
})

test('a client that leaves during the answer ends the request to the upstream', async (t) => {
  let isOpen = true
  const port = await startUpstream(t, (_incoming, outgoing) => {
    outgoing.write('part')
    outgoing.once('close', () => {
      isOpen = false
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await eventually(() => assert.match(client.received(), /part/))
  client.socket.destroy()
  await eventually(() => assert.ok(!isOpen))
  await eventually(() => assert.deepEqual(proxy.outcomes, ['client-gone']))
})

test('a client that leaves while it waits ends the request to the upstream', async (t) => {
  let isOpen = false
  const port = await startUpstream(t, (_incoming, outgoing) => {
    isOpen = true
    outgoing.once('close', () => {
      isOpen = false
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await eventually(() => assert.ok(isOpen))
  client.socket.destroy()
  await eventually(() => assert.ok(!isOpen))
  await eventually(() => assert.deepEqual(proxy.outcomes, ['client-gone']))
})

test('a client that left before the check was done is not forwarded for', async (t) => {
  const { port, heads } = recordingUpstream(t)
  const upstream = httpUpstream(await port)
  const forwarder = createForwarder(defaultOptions)
  afterTest(t, () => forwarder.close())
  const failures: unknown[] = []
  const front = await startUpstream(t, (incoming, outgoing) => {
    outgoing.once('close', () => {
      const forwarding = { incoming, outgoing, upstream, passage: plainPassage }
      void forwarder.forward(forwarding).then((failure) => failures.push(failure?.kind))
    })
    incoming.socket.destroy()
  })
  await rawClient(t, front, get).closed
  await eventually(() => assert.deepEqual(failures, ['client-gone']))
  assert.deepEqual(heads, [])
})

test('an upload that breaks off never looks whole to the upstream', async (t) => {
  const events: string[] = []
  const port = await startUpstream(t, (incoming) => {
    incoming.on('data', (chunk: Buffer) => events.push(chunk.toString()))
    incoming.on('end', () => events.push('end'))
    incoming.on('error', () => events.push('aborted'))
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(
    t,
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n',
  )
  await eventually(() => assert.deepEqual(events, ['part']))
  client.socket.destroy()
  await eventually(() => assert.deepEqual(events, ['part', 'aborted']))
})

test('an early answer reaches a client that still uploads, and ends the upload', async (t) => {
  const uploads: IncomingMessage[] = []
  const port = await startUpstream(t, (incoming, outgoing) => {
    uploads.push(incoming)
    outgoing.writeHead(413, { 'content-length': 3 }).end('big')
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n'
  const client = rawClient(t, proxy.port, `${head}abc`)
  await eventually(() => assert.match(client.received(), /^HTTP\/1.1 413 [^]*big$/))
  await eventually(() => assert.ok(uploads[0]?.socket.destroyed))
  client.socket.write(`defghi${get}`)
  await client.closed
  assert.equal(client.received().match(/HTTP\/1.1 413 /g)?.length, 2)
  await eventually(() => assert.deepEqual(proxy.outcomes, ['ok', 'ok']))
})

/** An upstream that answers each connection's first request and resets it at the second. */
async function forgetfulUpstream(t: Parameters<typeof startRawUpstream>[0]) {
  const heads: string[] = []
  const port = await startRawUpstream(t, (socket) => {
    let isUsed = false
    socket.on('data', (chunk: Buffer) => {
      heads.push(chunk.toString('latin1').split(' ', 1)[0] ?? '')
      if (isUsed) socket.resetAndDestroy()
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      isUsed = true
    })
  })
  return { port, heads }
}

for (const [method, body, status, sent] of [
  ['GET', '', 200, 3],
  ['HEAD', '', 200, 3],
  ['POST', '', 502, 2],
  ['DELETE', '', 502, 2],
  ['GET', 'Content-Length: 1\r\n\r\nx', 502, 2],
] as const) {
  const kind = body === '' ? method : `${method} with a body`
  test(`${kind} on a pooled connection that was closed gives ${status}`, async (t) => {
    const { port, heads } = await forgetfulUpstream(t)
    const proxy = await startProxy(t, [httpUpstream(port)])
    await rawRequest(t, proxy.port, get)
    const text = get
      .replace('GET', method)
      .replace('\r\n\r\n', `\r\n${body === '' ? '\r\n' : body}`)
    assert.match(await rawRequest(t, proxy.port, text), new RegExp(`^HTTP/1.1 ${status} `))
    assert.equal(heads.length, sent)
  })
}

test('a stale connection is not retried on another stale one', async (t) => {
  const used: Socket[] = []
  const port = await startRawUpstream(t, (socket) => {
    socket.on('data', () => {
      if (used.includes(socket)) return void socket.resetAndDestroy()
      used.push(socket)
      // The first two answer together, so that the pool holds two connections.
      for (const one of used.length === 2 ? used : used.slice(2)) {
        one.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
      }
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  await Promise.all([rawRequest(t, proxy.port, get), rawRequest(t, proxy.port, get)])
  assert.match(await rawRequest(t, proxy.port, get), /^HTTP\/1.1 200 /)
  assert.equal(used.length, 3)
})

test('with disable_keep_alives each request has a connection of its own', async (t) => {
  const { port, heads } = await forgetfulUpstream(t)
  const options = { disable_keep_alives: true }
  const proxy = await startProxy(t, [httpUpstream(port)], { options })
  for (let count = 0; count < 3; count += 1) {
    assert.match(await rawRequest(t, proxy.port, get), /^HTTP\/1.1 200 /)
  }
  assert.equal(heads.length, 3)
})

test('SEC-37: an answer that streams is cut when the session ends', async (t) => {
  const session = new AbortController()
  let isOpen = true
  const port = await startUpstream(t, (_incoming, outgoing) => {
    outgoing.write('part')
    outgoing.once('close', () => {
      isOpen = false
    })
  })
  const passage = { signal: session.signal }
  const proxy = await startProxy(t, [httpUpstream(port)], { passage })
  const client = rawClient(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await eventually(() => assert.match(client.received(), /part/))
  session.abort()
  await client.closed
  assert.doesNotMatch(client.received(), /\r\n0\r\n/)
  await eventually(() => assert.ok(!isOpen))
  await eventually(() => assert.deepEqual(proxy.outcomes, ['session-ended']))
  assert.match(await rawRequest(t, proxy.port, get), /x-failure: session-ended/)
})
