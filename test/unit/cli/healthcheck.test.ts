import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { healthcheck, probeRequest } from '../../../src/cli/healthcheck.ts'
import { buildApp, requiredFlags } from '../../support/app.ts'
import { selfSigned } from '../../support/certificate.ts'
import { afterTest } from '../../support/cleanup.ts'
import { temporaryFolder } from '../../support/process.ts'

async function run(argv: readonly string[]): Promise<{ code: number; output: string }> {
  const lines: string[] = []
  const code = await healthcheck({
    argv,
    env: {},
    readFile: () => assert.fail('reads a file'),
    print: (text) => lines.push(text),
  })
  return { code, output: lines.join('\n') }
}

function flags(...changed: readonly string[]): readonly string[] {
  const names = changed.map((flag) => flag.split('=')[0])
  return [...requiredFlags.filter((flag) => !names.includes(flag.split('=')[0])), ...changed]
}

async function listen(t: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => server.close())
  return (server.address() as AddressInfo).port
}

const answering =
  (status: number, body: string): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body)

test('is content with a Sallyport that is ready, and asks it with its own configuration', async (t) => {
  const app = await buildApp(t, ['--ready-path=/-/ready', '--force-https'])
  const { port } = new URL(await app.listen())
  const argv = flags(`--http-address=127.0.0.1:${port}`, '--ready-path=/-/ready', '--force-https')
  assert.deepEqual(await run(argv), { code: 0, output: 'ready' })
  assert.deepEqual(await run([...argv, '--timeout', '20s']), { code: 0, output: 'ready' })
})

test('asks a unix socket', async (t) => {
  const address = `unix://${join(temporaryFolder(t), 'socket')}`
  const app = await buildApp(t, [`--http-address=${address}`])
  await app.listen()
  assert.deepEqual(await run(flags(`--http-address=${address}`)), { code: 0, output: 'ready' })
})

test('any answer but 200 is not ready, and says what it was', async (t) => {
  const port = await listen(t, createHttpServer(answering(503, 'session store unavailable')))
  const { code, output } = await run(flags(`--http-address=127.0.0.1:${port}`))
  assert.deepEqual([code, output], [1, 'not ready: 503 session store unavailable'])
  const other = await listen(t, createHttpServer(answering(204, '')))
  assert.equal((await run([`--url=http://127.0.0.1:${other}/ready`])).code, 1)
})

test('nobody who listens is not ready', async () => {
  const { code, output } = await run(flags('--http-address=127.0.0.1:1'))
  assert.equal(code, 1)
  assert.match(output, /^not ready: .*ECONNREFUSED/)
})

test('waits no longer than --timeout, for the head and for the body', async (t) => {
  const silent = await listen(t, createHttpServer())
  const endless = await listen(
    t,
    createHttpServer((_, response) => response.write('O')),
  )
  for (const port of [silent, endless]) {
    const { code, output } = await run([`--url=http://127.0.0.1:${port}/`, '--timeout=100ms'])
    assert.equal(code, 1)
    assert.match(output, /^not ready: .*(timeout|aborted)/)
  }
})

test('asks the TLS listener of a configuration that has one', async (t) => {
  const folder = temporaryFolder(t)
  const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  const certified = selfSigned(t, 'auth.example.com')
  for (const part of ['cert', 'key'] as const) writeFileSync(files[part], certified[part])
  const tls = [`--tls-cert-file=${files.cert}`, `--tls-key-file=${files.key}`]
  const app = await buildApp(t, [...tls, '--https-address=127.0.0.1:0'])
  const { protocol, port } = new URL(await app.listen())
  assert.equal(protocol, 'https:')
  const argv = [...tls, `--https-address=127.0.0.1:${port}`]
  assert.deepEqual(await run(argv), { code: 0, output: 'ready' })
})

test('--url asks over https, whatever name the certificate is for', async (t) => {
  const certified = selfSigned(t, 'auth.example.com')
  const port = await listen(t, createHttpsServer(certified, answering(200, 'OK')))
  const argv = [`--url=https://127.0.0.1:${port}/ready`]
  assert.deepEqual(await run(argv), { code: 0, output: 'ready' })
})

test('a wrong command line ends with 2 and the usage', async () => {
  for (const argv of [
    ['--timeout=soon'],
    ['--timeout=0s'],
    ['--timeout'],
    ['--url=ftp://x'],
    ['--url'],
    ['--url=http://x', '--ready-path=/x'],
  ]) {
    const { code, output } = await run(argv)
    assert.equal(code, 2, argv.join(' '))
    assert.match(output, /^usage: sallyport healthcheck/)
  }
})

test('needs no more of the configuration than where to ask', async (t) => {
  const app = await buildApp(t, ['--ping-path=/alive', '--ready-path='])
  const { port } = new URL(await app.listen())
  const argv = [`--http-address=127.0.0.1:${port}`, '--ping-path=/alive', '--ready-path=']
  assert.deepEqual(await run(argv), { code: 0, output: 'ready' })
  const { code, output } = await run(['--http-address=nowhere', '--clientid=x'])
  assert.equal(code, 1)
  assert.match(output, /2 findings\n\n--clientid [^]*\nhttp_address is no address to listen on/)
})

test('knows where the listener of a configuration answers', () => {
  const plain = { https_address: undefined, tls_cert_file: '' }
  const probe = (host: string, port = 4180) =>
    probeRequest({
      ...plain,
      http_address: { kind: 'tcp', host, port },
      ready_path: '',
      ping_path: '/ping',
      ping_user_agent: 'probe',
    })
  const headers = { host: 'localhost', 'user-agent': 'probe' }
  for (const [host, asked] of [
    ['', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '::1'],
    ['10.0.0.7', '10.0.0.7'],
  ] as const) {
    assert.deepEqual(probe(host), {
      protocol: 'http:',
      host: asked,
      port: 4180,
      path: '/ping',
      headers,
    })
  }
  assert.throws(() => probe('', 0), /port 0/)
  const silent = { ...plain, ready_path: '', ping_path: '', ping_user_agent: '' }
  assert.throws(
    () => probeRequest({ http_address: { kind: 'unix', path: '/s' }, ...silent }),
    /empty/,
  )
})
