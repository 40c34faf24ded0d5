// SEC-6 and SEC-36 over raw sockets: what could be read in two ways goes to no upstream, and nobody
// but us says who is signed in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  httpUpstream,
  rawRequest,
  recordingUpstream,
  startProxy,
} from '../integration/upstream/harness.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createIdentityHeaders } from '../../src/headers/identity-headers.ts'
import type { Passage } from '../../src/upstream/passage.ts'

const host = 'Host: app.example\r\n'
const get = (fields: string) => `GET / HTTP/1.1\r\n${host}${fields}\r\n\r\n`
const post = (fields: string, body = '0\r\n\r\n') =>
  `POST / HTTP/1.1\r\n${host}${fields}\r\n\r\n${body}`
const chunked = 'Transfer-Encoding: chunked'

const refused: readonly (readonly [name: string, request: string])[] = [
  ['Content-Length before Transfer-Encoding', post(`Content-Length: 5\r\n${chunked}`)],
  ['Transfer-Encoding before Content-Length', post(`${chunked}\r\nContent-Length: 5`)],
  ['two Content-Length', post('Content-Length: 5\r\nContent-Length: 6', 'hello')],
  ['two equal Content-Length', post('Content-Length: 5\r\nContent-Length: 5', 'hello')],
  ['a list of Content-Length', post('Content-Length: 5, 5', 'hello')],
  ['a signed Content-Length', post('Content-Length: +5', 'hello')],
  ['an empty Content-Length', post('Content-Length:', 'hello')],
  ['a hexadecimal Content-Length', post('Content-Length: 0x5', 'hello')],
  ['two Transfer-Encoding', post(`${chunked}\r\n${chunked}`)],
  ['gzip before chunked', post('Transfer-Encoding: gzip, chunked')],
  ['identity after chunked', post('Transfer-Encoding: chunked, identity')],
  ['an unknown Transfer-Encoding', post('Transfer-Encoding: xchunked')],
  ['a vertical tab before chunked', post('Transfer-Encoding: \x0bchunked')],
  ['Transfer-Encoding in HTTP/1.0', post(chunked).replace('HTTP/1.1', 'HTTP/1.0')],
  ['a folded line', get('X-A: b\r\n c')],
  ['a folded first line', `GET / HTTP/1.1\r\n X-A: b\r\n${host}\r\n`],
  ['a space before the colon', get('X-Forwarded-User : mallory')],
  ['a space within a name', get('X Forwarded-User: mallory')],
  ['a line without a name', get(': mallory')],
  ['NUL in a value', get('X-A: b\0c')],
  ['NUL in a name', get('X-\0A: b')],
  ['a bare CR in a value', get('X-A: b\rX-Forwarded-User: mallory')],
  ['a bare CR in a name', get('X-\rA: b')],
  ['a bare LF after a value', get('X-A: b\nX-Forwarded-User: mallory')],
  ['bare LF throughout', 'GET / HTTP/1.1\nHost: app.example\n\n'],
  ['DEL in a value', get('X-A: b\x7f')],
  ['a control character in the path', get('X-A: b').replace('/', '/a\x01b')],
  ['a raw non-ASCII byte in the path', get('X-A: b').replace('/', '/\xe9')],
  ['two Host', get('Host: admin.example')],
  ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
  ['an invented method', get('X-A: b').replace('GET', 'FOO')],
  ['a method in lower case', get('X-A: b').replace('GET', 'get')],
  ['an unknown version', get('X-A: b').replace('HTTP/1.1', 'HTTP/1.2')],
  ['the version of HTTP/2', get('X-A: b').replace('HTTP/1.1', 'HTTP/2.0')],
  ['no version', 'GET /\r\n\r\n'],
  ['an upgrade to h2c', get('Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c')],
  ['an Upgrade that Connection does not list', get('Upgrade: h2c')],
  ...[
    'Host',
    'Content-Length',
    'Cookie',
    'Authorization',
    'X-Forwarded-For',
    'x-forwarded-proto',
    'X-Forwarded-User',
    'X_Forwarded_User',
    'X-Auth-Request-Email',
    'Sec-Fetch-Site',
    'X-Real-IP',
  ].map((name) => [`${name} listed in Connection`, get(`Connection: close, ${name}`)] as const),
]

for (const [name, request] of refused) {
  test(`SEC-36: ${name} is refused and reaches no upstream`, async (t) => {
    const { port, heads } = recordingUpstream(t)
    const proxy = await startProxy(t, [httpUpstream(await port)])
    const text = request.replace(host, `${host}Connection: close\r\n`)
    assert.match(await rawRequest(t, proxy.port, text), /^HTTP\/1.1 400 /)
    assert.deepEqual(heads, [])
  })
}

for (const target of ['http://admin.example/', 'app.example', '*']) {
  test(`SEC-36: the request target ${target} is no path and reaches no upstream`, async (t) => {
    const { port, heads } = recordingUpstream(t)
    const proxy = await startProxy(t, [
      httpUpstream(await port),
      { kind: 'http', path: target, url: new URL(`http://127.0.0.1:${await port}`) },
    ])
    const text = `OPTIONS ${target} HTTP/1.1\r\n${host}Connection: close\r\n\r\n`
    assert.match(await rawRequest(t, proxy.port, text), /^HTTP\/1.1 400 /)
    assert.deepEqual(heads, [])
  })
}

for (const [name, body] of [
  ['a negative size', '-1\r\na\r\n0\r\n\r\n'],
  ['a prefixed size', '0x1\r\na\r\n0\r\n\r\n'],
  ['a size that overflows', 'ffffffffffffffffff\r\na\r\n0\r\n\r\n'],
  ['a space behind the size', '1 \r\na\r\n0\r\n\r\n'],
  ['a bare LF behind the size', '1\na\r\n0\r\n\r\n'],
  ['a bare LF in an extension', '1;a\nb\r\na\r\n0\r\n\r\n'],
  ['more data than its size', '1\r\nabc\r\n0\r\n\r\n'],
] as const) {
  test(`SEC-36: a chunk with ${name} is refused and never looks whole upstream`, async (t) => {
    const { port, heads, received } = recordingUpstream(t)
    const proxy = await startProxy(t, [httpUpstream(await port)])
    const text = post(`${chunked}\r\nConnection: close`, body)
    assert.match(await rawRequest(t, proxy.port, text), /^(?:HTTP\/1.1 400 |$)/)
    assert.ok(heads.length <= 1)
    assert.doesNotMatch(received(), /\r\n0\r\n/)
  })
}

const { isIdentityHeader } = createIdentityHeaders({
  set_xauthrequest: true,
  set_basic_auth: false,
  set_authorization_header: false,
  pass_basic_auth: false,
  pass_user_headers: true,
  pass_access_token: true,
  pass_authorization_header: true,
  prefer_email_to_user: false,
  basic_auth_password: new Secret(''),
})

const passage: Partial<Passage> = {
  requestHeaders: { 'x-forwarded-user': 'ann', 'x-forwarded-proto': 'https' },
  isStripped: isIdentityHeader,
}

/** The header lines that reach the upstream when the client sends these. */
async function linesUpstream(
  t: Parameters<typeof recordingUpstream>[0],
  fields: string,
  settings: Partial<Passage> = passage,
): Promise<string[]> {
  const { port, heads } = recordingUpstream(t)
  const proxy = await startProxy(t, [httpUpstream(await port)], { passage: settings })
  const text = get(`${fields}Connection: close`)
  assert.match(await rawRequest(t, proxy.port, text), /^HTTP\/1.1 200 /)
  return heads.flatMap((head) => head.split('\r\n').slice(1))
}

for (const name of [
  'X-Forwarded-User',
  'x-forwarded-user',
  'X-FORWARDED-USER',
  'X_Forwarded_User',
  'X-Forwarded_User',
  'X.Forwarded.User',
  'X-Forwarded.User',
  'X~Forwarded!User',
  'X--Forwarded-User',
  '-X-Forwarded-User',
  'X-Forwarded-User_',
  'X-Forwarded-Email',
  'X_Forwarded_Groups',
  'X-Forwarded-Preferred-Username',
  'X-Forwarded-Access-Token',
  'X-Auth-Request-User',
  'X_Auth_Request_Email',
  'Authorization',
  'GAP-Auth',
  'X_Forwarded_Proto',
]) {
  test(`SEC-6: a client’s ${name} never reaches the upstream, once or twice`, async (t) => {
    const lines = await linesUpstream(
      t,
      `X-Kept: 1\r\n${name}: mallory\r\nX-Forwarded-User:\r\n${name}:\tmallory\r\n`,
    )
    assert.deepEqual(lines, [
      'Host: app.example',
      'X-Kept: 1',
      'x-forwarded-user: ann',
      'x-forwarded-proto: https',
      'X-Forwarded-For: 127.0.0.1',
      'Connection: keep-alive',
    ])
  })
}

test('SEC-36: hop-by-hop fields and those that Connection lists stay behind', async (t) => {
  const lines = await linesUpstream(
    t,
    'Keep-Alive: timeout=5\r\nProxy-Connection: close\r\nProxy-Authorization: Basic eA==\r\n' +
      'TE: trailers\r\nTrailer: X-Sum\r\nTransfer_Encoding: chunked\r\nContent_Length: 7\r\n' +
      'Connection: X-Private, X-Other\r\nX-Private: 1\r\nx-other: 2\r\nX-Kept: 3\r\n',
    {},
  )
  assert.deepEqual(lines, [
    'Host: app.example',
    'X-Kept: 3',
    'X-Forwarded-For: 127.0.0.1',
    'Connection: keep-alive',
  ])
})

for (const [sent, kept] of [
  ['a=1; _oauth2_proxy=s; b=2', 'a=1; b=2'],
  ['_oauth2_proxy=s; a=1', 'a=1'],
  ['a=1;_oauth2_proxy_0=s;_oauth2_proxy_1=t;b="x=y"', 'a=1;b="x=y"'],
  ['_oauth2_proxy_csrf=s', undefined],
  ['a=1;\t_oauth2_proxy =s', 'a=1'],
  ['_oauth2_proxy', undefined],
  ['x_oauth2_proxy=1;; =2', 'x_oauth2_proxy=1;; =2'],
] as const) {
  test(`SEC-36: of the cookies ${JSON.stringify(sent)} the upstream sees ${kept}`, async (t) => {
    const lines = await linesUpstream(t, `Cookie: ${sent}\r\n`)
    const cookies = lines.filter((line) => line.startsWith('Cookie'))
    assert.deepEqual(cookies, kept === undefined ? [] : [`Cookie: ${kept}`])
  })
}

test('SEC-36: our cookies are found in every Cookie line', async (t) => {
  const lines = await linesUpstream(t, 'Cookie: a=1\r\ncookie: _oauth2_proxy=s; b=2\r\n')
  assert.deepEqual(
    lines.filter((line) => /cookie/i.test(line)),
    ['Cookie: a=1', 'cookie: b=2'],
  )
})

test('X-Forwarded-For gets the peer, behind what is believed of earlier hops', async (t) => {
  const fields = 'X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\nX_Forwarded_For: 6\r\n'
  const believed = await linesUpstream(t, fields)
  assert.ok(believed.includes('X-Forwarded-For: 10.0.0.1, 10.0.0.2, 127.0.0.1'))
  assert.ok(!believed.some((line) => line.startsWith('X_')))
  const alone = await linesUpstream(t, fields, { isStripped: (name) => name === 'x-forwarded-for' })
  assert.deepEqual(
    alone.filter((line) => /forwarded/i.test(line)),
    ['X-Forwarded-For: 127.0.0.1'],
  )
})
