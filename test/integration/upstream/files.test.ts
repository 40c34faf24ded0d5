// `file://` and `static://`, and the routing in front of them.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { afterTest, type Cleanup } from '../../support/cleanup.ts'
import { httpUpstream, rawClient, rawRequest, startProxy, startUpstream } from './harness.ts'
import { eventually } from '../../support/eventually.ts'
import type { Upstream } from '../../../src/core/upstream.ts'

const modified = new Date('2026-01-02T03:04:05.678Z')

/** A directory to serve, `site`, with a secret beside it. */
function createSite(t: Cleanup): { upstream: Upstream; root: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'))
  afterTest(t, () => rmSync(folder, { recursive: true }))
  const root = join(folder, 'site')
  mkdirSync(join(root, 'docs'), { recursive: true })
  mkdirSync(join(root, 'bare'))
  writeFileSync(join(folder, 'secret.txt'), 'secret')
  mkdirSync(join(folder, 'site-secret'))
  writeFileSync(join(folder, 'site-secret/a.txt'), 'secret')
  writeFileSync(join(root, 'index.html'), '<p>home')
  writeFileSync(join(root, 'docs/index.html'), '<p>docs')
  writeFileSync(join(root, 'app.js'), 'run()')
  writeFileSync(join(root, '.hidden'), 'dot')
  writeFileSync(join(root, 'ünï code.txt'), 'unicode')
  writeFileSync(join(root, 'empty.css'), '')
  utimesSync(join(root, 'app.js'), modified, modified)
  mkdirSync(join(root, '..data'))
  writeFileSync(join(root, '..data/mounted.json'), '{}')
  symlinkSync('..data/mounted.json', join(root, 'mounted.json'))
  symlinkSync('../secret.txt', join(root, 'escape.txt'))
  symlinkSync('../site-secret', join(root, 'escape'))
  symlinkSync('loop', join(root, 'loop'))
  execFileSync('mkfifo', [join(root, 'pipe')])
  return { upstream: { kind: 'file', path: '/files/', directory: root }, root }
}

const requestFor = (target: string, { method = 'GET', fields = '' } = {}) =>
  `${method} ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`

test('files come with type, validators and our headers', async (t) => {
  const passage = { responseHeaders: { 'x-auth-request-user': 'ann' } }
  const proxy = await startProxy(t, [createSite(t).upstream], { passage })
  const answer = await rawRequest(t, proxy.port, requestFor('/files/app.js?v=1'))
  assert.match(answer, /^HTTP\/1.1 200 OK\r\n/)
  assert.match(answer, /\r\nx-auth-request-user: ann\r\n/)
  assert.match(answer, /\r\ncontent-type: text\/javascript; charset=utf-8\r\n/)
  assert.match(answer, /\r\ncontent-length: 5\r\n/)
  assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/)
  assert.match(answer, /\r\nlast-modified: Fri, 02 Jan 2026 03:04:05 GMT\r\n/)
  assert.match(answer, /\r\netag: W\/"[\w-]+"\r\n/)
  assert.match(answer, /\r\n\r\nrun\(\)$/)
})

for (const [target, status, body] of [
  ['/files/', 200, '<p>home'],
  ['/files/docs/', 200, '<p>docs'],
  ['/files/docs/index.html', 200, '<p>docs'],
  ['/files/.hidden', 200, 'dot'],
  ['/files/mounted.json', 200, '{}'],
  ['/files/..data/mounted.json', 200, '{}'],
  ['/files/%C3%BCn%C3%AF%20code.txt', 200, 'unicode'],
  ['/files/empty.css', 200, ''],
  ['/files/nothing', 404, 'Not Found\n'],
  ['/files/bare/', 404, 'Not Found\n'],
  ['/files/app.js/', 404, 'Not Found\n'],
  ['/files/app.js/x', 404, 'Not Found\n'],
  ['/files/pipe', 404, 'Not Found\n'],
  ['/files/loop', 404, 'Not Found\n'],
  ['/files/%zz', 404, 'Not Found\n'],
  ['/other', 404, ''],
] as const) {
  test(`${target} gives ${status}`, async (t) => {
    const proxy = await startProxy(t, [createSite(t).upstream])
    const answer = await rawRequest(t, proxy.port, requestFor(target))
    assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), answer)
    assert.ok(answer.includes(`\r\n\r\n${body}`), answer)
  })
}

for (const target of [
  '/files/../secret.txt',
  '/files/%2e%2e/secret.txt',
  '/files/.%2E/secret.txt',
  '/files/..%2fsecret.txt',
  '/files/%2e%2e%2fsecret.txt',
  '/files/..%5csecret.txt',
  '/files/..\\secret.txt',
  '/files/docs/../../secret.txt',
  '/files/./../secret.txt',
  '/files//../secret.txt',
  '/files//etc/passwd',
  '/files/%2fetc/passwd',
  '/files/secret.txt%00.html',
  '/files/../site-secret/a.txt',
  '/files/escape.txt',
  '/files/escape/a.txt',
  '/files/%252e%252e/secret.txt',
]) {
  test(`SEC-5: ${target} does not leave the directory`, async (t) => {
    const proxy = await startProxy(t, [createSite(t).upstream])
    const answer = await rawRequest(t, proxy.port, requestFor(target))
    assert.match(answer, /^HTTP\/1.1 404 /)
    assert.doesNotMatch(answer, /secret|root:/)
  })
}

test('a directory without its slash redirects to where its links work', async (t) => {
  const proxy = await startProxy(t, [createSite(t).upstream])
  const answer = await rawRequest(t, proxy.port, requestFor('/files/docs?x=1'))
  assert.match(answer, /^HTTP\/1.1 301 [^]*\r\nlocation: \/files\/docs\/\?x=1\r\n/)
})

test('what cannot be opened is not there', async (t) => {
  const { upstream, root } = createSite(t)
  const socket = createServer().listen(join(root, 'socket'))
  afterTest(t, () => socket.close())
  await once(socket, 'listening')
  const proxy = await startProxy(t, [upstream])
  assert.match(await rawRequest(t, proxy.port, requestFor('/files/socket')), /^HTTP\/1.1 404 /)
})

test('an exact path serves one directory’s index, or one file', async (t) => {
  const { root } = createSite(t)
  const proxy = await startProxy(t, [
    { kind: 'file', path: '/docs', directory: join(root, 'docs') },
    { kind: 'file', path: '/main.js', directory: join(root, 'app.js') },
    { kind: 'file', path: '/gone', directory: join(root, 'gone') },
  ])
  assert.match(await rawRequest(t, proxy.port, requestFor('/docs')), /^HTTP\/1.1 200 [^]*<p>docs/)
  assert.match(await rawRequest(t, proxy.port, requestFor('/main.js')), /text\/javascript/)
  assert.match(await rawRequest(t, proxy.port, requestFor('/gone')), /^HTTP\/1.1 404 /)
})

test('only GET and HEAD; HEAD has no body', async (t) => {
  const proxy = await startProxy(t, [createSite(t).upstream])
  const head = await rawRequest(t, proxy.port, requestFor('/files/app.js', { method: 'HEAD' }))
  assert.match(head, /^HTTP\/1.1 200 [^]*content-length: 5\r\n[^]*\r\n\r\n$/)
  const posted = await rawRequest(t, proxy.port, requestFor('/files/app.js', { method: 'POST' }))
  assert.match(posted, /^HTTP\/1.1 405 [^]*allow: GET, HEAD\r\n/)
})

test('what the client has is not sent again', async (t) => {
  const proxy = await startProxy(t, [createSite(t).upstream])
  const first = await rawRequest(t, proxy.port, requestFor('/files/app.js'))
  const etag = /etag: (.*)\r\n/.exec(first)?.[1] ?? ''
  for (const [fields, status] of [
    [`If-None-Match: "x", ${etag}\r\n`, 304],
    [`If-None-Match: ${etag.replace('W/', '')}\r\n`, 304],
    ['If-None-Match: *\r\n', 304],
    ['If-None-Match: "x"\r\nIf-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT\r\n', 200],
    ['If-Modified-Since: Fri, 02 Jan 2026 03:04:05 GMT\r\n', 304],
    ['If-Modified-Since: Fri, 02 Jan 2026 03:04:04 GMT\r\n', 200],
    ['If-Modified-Since: yesterday\r\n', 200],
  ] as const) {
    const answer = await rawRequest(t, proxy.port, requestFor('/files/app.js', { fields }))
    assert.ok(answer.startsWith(`HTTP/1.1 ${status} `), `${fields}: ${answer}`)
    assert.equal(answer.endsWith('run()'), status === 200)
  }
})

test('a client that leaves, or a session that ends, stops a file', async (t) => {
  const { upstream, root } = createSite(t)
  writeFileSync(join(root, 'large.bin'), Buffer.alloc(64 << 20))
  const session = new AbortController()
  const proxy = await startProxy(t, [upstream], { passage: { signal: session.signal } })
  const leaving = rawClient(t, proxy.port, requestFor('/files/large.bin'))
  leaving.socket.once('data', () => leaving.socket.destroy())
  await eventually(() => assert.deepEqual(proxy.outcomes, ['client-gone']))
  const staying = rawClient(t, proxy.port, requestFor('/files/large.bin'))
  staying.socket.once('data', () => {
    staying.socket.pause()
    session.abort()
  })
  await eventually(() => assert.deepEqual(proxy.outcomes, ['client-gone', 'session-ended']))
})

for (const [status, method, body] of [
  [202, 'GET', 'Authenticated'],
  [403, 'POST', 'Authenticated'],
  [200, 'HEAD', ''],
  [204, 'GET', ''],
] as const) {
  test(`static://${status} answers ${method} with ${body || 'no body'}`, async (t) => {
    const passage = { responseHeaders: { 'x-auth-request-user': 'ann' } }
    const proxy = await startProxy(t, [{ kind: 'static', path: '/', status }], { passage })
    const answer = await rawRequest(t, proxy.port, requestFor('/any', { method }))
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} [^]*x-auth-request-user: ann\r\n`))
    assert.match(answer, new RegExp(`\r\n\r\n${body}$`))
  })
}

test('requests go to the upstream of the longest path', async (t) => {
  const names = ['/', '/app/', '/app/exact']
  const upstreams = await Promise.all(
    names.map(async (path) =>
      httpUpstream(await startUpstream(t, (_incoming, outgoing) => outgoing.end(path)), path),
    ),
  )
  const proxy = await startProxy(t, upstreams)
  for (const [target, name] of [
    ['/x', '/'],
    ['/app', '/'],
    ['/app/', '/app/'],
    ['/app/exact', '/app/exact'],
    ['/app/exact/', '/app/'],
  ] as const) {
    const answer = await rawRequest(t, proxy.port, requestFor(target))
    assert.ok(answer.endsWith(`\r\n\r\n${name}`), answer)
  }
})
