// What arrives is what was sent: heads, bytes, bodies, trailers, interim answers.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { test } from 'node:test'
import {
  bytes,
  httpUpstream,
  rawClient,
  rawRequest,
  recordingUpstream,
  startProxy,
  startRawUpstream,
  startUpstream,
} from './harness.ts'
import { eventually } from '../../support/eventually.ts'

test('SEC-36: path and query arrive byte for byte', async (t) => {
  const { port, heads } = recordingUpstream(t)
  const proxy = await startProxy(t, [httpUpstream(await port)])
  const targets = [
    '/a%2Fb/%7Euser/..;/x?y=%20|',
    '/..//./%2e%2e/x',
    '/?',
    '//host/x',
    '/a\\b"<>^`{}?q=[1]&r=%zz',
    '/x#fragment?y',
  ]
  for (const target of targets) {
    await rawRequest(
      t,
      proxy.port,
      `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    )
  }
  assert.deepEqual(
    heads.map((head) => head.split('\r\n')[0]),
    targets.map((target) => `GET ${target} HTTP/1.1`),
  )
})

test('the path of the upstream routes and is not put before the path of the request', async (t) => {
  const { port, heads } = recordingUpstream(t)
  const proxy = await startProxy(t, [httpUpstream(await port, '/app/')])
  await rawRequest(t, proxy.port, 'GET /app/x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  assert.match(heads[0] ?? '', /^GET \/app\/x HTTP/)
})

test('header fields keep their order, case, duplicates and bytes', async (t) => {
  const { port, heads } = recordingUpstream(t)
  const proxy = await startProxy(t, [httpUpstream(await port)])
  await rawRequest(
    t,
    proxy.port,
    'GET / HTTP/1.1\r\nhOsT: App.Example:8080\r\nX-One: a\r\nx-two: b\xc3\xa9\xff\r\nX-One: c\r\n' +
      'Accept: text/html\r\nX-Empty:\r\nConnection: close\r\n\r\n',
  )
  assert.equal(
    heads[0],
    'GET / HTTP/1.1\r\nHost: App.Example:8080\r\nX-One: a\r\nx-two: b\xc3\xa9\xff\r\nX-One: c\r\n' +
      'Accept: text/html\r\nX-Empty: \r\nX-Forwarded-For: 127.0.0.1\r\nConnection: keep-alive',
  )
})

test('Host is the upstream’s own without pass_host_header, or when there is none', async (t) => {
  const { port, heads } = recordingUpstream(t)
  const upstream = httpUpstream(await port)
  const options = { pass_host_header: false }
  const rewriting = await startProxy(t, [upstream], { options })
  const passing = await startProxy(t, [upstream])
  await rawRequest(t, rewriting.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await rawRequest(t, passing.port, 'GET / HTTP/1.0\r\n\r\n')
  for (const head of heads) assert.match(head, new RegExp(`\r\nHost: 127.0.0.1:${await port}\r\n`))
  assert.equal(heads.length, 2)
})

test('answers keep all but hop-by-hop fields, case, duplicates and bytes included', async (t) => {
  const port = await startRawUpstream(t, (socket) => {
    socket.once('data', () => {
      socket.end(
        bytes(
          'HTTP/1.1 299 All \xe9right\r\nContent-Length: 2\r\n' +
            'set-cookie: a=1\r\nSet-Cookie: b=2\r\n' +
            'Content-Disposition: attachment; filename="\xc3\xa9\xff"\r\nDate: today\r\n' +
            'X-Hop: 1\r\nKeep-Alive: timeout=9\r\nUpgrade: h2c\r\nTrailer: X-T\r\n' +
            'Connection: close, X-Hop\r\n\r\nhi',
        ),
      )
    })
  })
  const passage = {
    responseHeaders: { 'x-auth-request-user': 'ann', 'set-cookie': ['s=1', 't=2'] },
  }
  const proxy = await startProxy(t, [httpUpstream(port)], { passage })
  const answer = await rawRequest(
    t,
    proxy.port,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  assert.equal(
    answer,
    'HTTP/1.1 299 All \xe9right\r\nset-cookie: a=1\r\nSet-Cookie: b=2\r\n' +
      'Content-Disposition: attachment; filename="\xc3\xa9\xff"\r\nDate: today\r\n' +
      'x-auth-request-user: ann\r\nset-cookie: s=1\r\nset-cookie: t=2\r\nContent-Length: 2\r\n' +
      'Connection: close\r\n\r\nhi',
  )
})

test('what we answer replaces what the upstream answers under the same name', async (t) => {
  const port = await startUpstream(t, (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'X-Auth-Request-User': 'mallory', X_Auth_Request_User: 'mallory' })
    outgoing.end('ok')
  })
  const passage = { responseHeaders: { 'x-auth-request-user': 'ann' } }
  const proxy = await startProxy(t, [httpUpstream(port)], { passage })
  const { headers } = await fetch(`http://127.0.0.1:${proxy.port}/`)
  assert.equal(headers.get('x-auth-request-user'), 'ann')
  assert.equal(headers.get('x_auth_request_user'), null)
})

test('bodies arrive with the framing they were sent with', async (t) => {
  const seen: unknown[] = []
  const port = await startUpstream(t, (incoming, outgoing) => {
    let body = ''
    incoming.on('data', (chunk: Buffer) => {
      body += chunk.toString()
    })
    incoming.on('end', () => {
      const { method, headers } = incoming
      seen.push([method, headers['content-length'], headers['transfer-encoding'], body])
      outgoing.end()
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const end = 'Host: a\r\nConnection: close\r\n'
  const chunked = 'Transfer-Encoding: chunked\r\n\r\n3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'
  for (const text of [
    `POST / HTTP/1.1\r\n${end}Content-Length: 5\r\n\r\nabcde`,
    `POST / HTTP/1.1\r\n${end}${chunked}`,
    `GET / HTTP/1.1\r\n${end}${chunked}`,
    `DELETE / HTTP/1.1\r\n${end}Content-Length: 1\r\n\r\nx`,
    `POST / HTTP/1.1\r\n${end}\r\n`,
    `PROPFIND / HTTP/1.1\r\n${end}\r\n`,
    `POST / HTTP/1.1\r\n${end}Content-Length: 0\r\n\r\n`,
    `GET / HTTP/1.1\r\n${end}\r\n`,
  ]) {
    assert.match(await rawRequest(t, proxy.port, text), /^HTTP\/1.1 200/)
  }
  assert.deepEqual(seen, [
    ['POST', '5', undefined, 'abcde'],
    ['POST', undefined, 'chunked', 'abcde'],
    ['GET', undefined, 'chunked', 'abcde'],
    ['DELETE', '1', undefined, 'x'],
    ['POST', '0', undefined, ''],
    ['PROPFIND', '0', undefined, ''],
    ['POST', '0', undefined, ''],
    ['GET', undefined, undefined, ''],
  ])
})

test('trailers pass both ways, but for those that would stand in for headers', async (t) => {
  let trailers: string[] = []
  const port = await startUpstream(t, (incoming, outgoing) => {
    incoming.resume().on('end', () => {
      trailers = incoming.rawTrailers
      outgoing.writeHead(200, { 'Transfer-Encoding': 'chunked' })
      outgoing.write('body')
      outgoing.addTrailers([
        ['X-Sum', '1'],
        ['X-Auth-Request-User', 'mallory'],
      ])
      outgoing.end()
    })
  })
  const passage = { responseHeaders: { 'x-auth-request-user': 'ann' } }
  const proxy = await startProxy(t, [httpUpstream(port)], { passage })
  const answer = await rawRequest(
    t,
    proxy.port,
    'POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n' +
      '1\r\na\r\n0\r\nX-Check: 7\r\nX_Forwarded_User: mallory\r\nCookie: a=b\r\nTE: x\r\n\r\n',
  )
  assert.deepEqual(trailers, ['X-Check', '7'])
  assert.match(answer, /\r\n\r\n4\r\nbody\r\n0\r\nX-Sum: 1\r\n\r\n$/)
})

for (const [method, status, head, sent] of [
  ['HEAD', 200, 'Content-Length: 7', 'Content-Length: 7'],
  ['GET', 204, 'X-A: b', 'X-A: b'],
  ['GET', 304, 'Content-Length: 7', 'Content-Length: 7'],
] as const) {
  test(`${method} ${status} has no body and leaves the connection usable`, async (t) => {
    const port = await startRawUpstream(t, (socket) => {
      socket.on('data', () => socket.write(`HTTP/1.1 ${status} X\r\n${head}\r\n\r\n`))
    })
    const proxy = await startProxy(t, [httpUpstream(port)])
    const one = `${method} / HTTP/1.1\r\nHost: a\r\n`
    const answers = await rawRequest(t, proxy.port, `${one}\r\n${one}Connection: close\r\n\r\n`)
    const parts = answers.split('\r\n\r\n')
    assert.equal(parts.length, 3)
    for (const part of parts.slice(0, 2)) {
      assert.ok(part.startsWith(`HTTP/1.1 ${status} X\r\n`), part)
      assert.ok(part.includes(`\r\n${sent}\r\n`), part)
    }
  })
}

test('interim answers pass to clients that know them, but for 100', async (t) => {
  const port = await startRawUpstream(t, (socket) => {
    socket.on('data', () => {
      socket.write(
        'HTTP/1.1 100 Continue\r\n\r\n' +
          'HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload, </b>; rel=preload\r\n\r\n' +
          'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      )
    })
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const answer = await rawRequest(
    t,
    proxy.port,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
  )
  const old = await rawRequest(t, proxy.port, 'GET / HTTP/1.0\r\nHost: a\r\n\r\n')
  const hints = `HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload, </b>; rel=preload\r\n\r\n`
  assert.ok(answer.startsWith(`${hints}HTTP/1.1 200 OK\r\n`), answer)
  assert.match(old, /^HTTP\/1.1 200 OK\r\n/)
})

test('Expect: 100-continue is answered by the server and not sent on', async (t) => {
  let expect: string | undefined = 'not asked'
  const port = await startUpstream(t, (incoming, outgoing) => {
    expect = incoming.headers.expect
    incoming.pipe(outgoing)
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = request({
    port: proxy.port,
    host: '127.0.0.1',
    method: 'POST',
    headers: { expect: '100-continue', 'content-length': 4 },
  })
  client.flushHeaders()
  await once(client, 'continue')
  client.end('body')
  const [answer] = (await once(client, 'response')) as [IncomingMessage]
  const [chunk] = (await once(answer, 'data')) as [Buffer]
  assert.equal(chunk.toString(), 'body')
  assert.equal(expect, undefined)
})

test('server-sent events reach the client while the answer goes on', async (t) => {
  let send = (_text: string): void => undefined
  const port = await startUpstream(t, (_incoming, outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' })
    outgoing.flushHeaders()
    send = (text) => outgoing.write(text)
  })
  const proxy = await startProxy(t, [httpUpstream(port)])
  const client = rawClient(t, proxy.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  await eventually(() => assert.match(client.received(), /text\/event-stream[^]*\r\n\r\n$/))
  send('data: 1\n\n')
  await eventually(() => assert.match(client.received(), /data: 1\n\n/))
  send('data: 2\n\n')
  await eventually(() => assert.match(client.received(), /data: 2\n\n/))
})
