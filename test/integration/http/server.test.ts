import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import { once } from 'node:events'
import { join } from 'node:path'
import { test } from 'node:test'
import { buildApp } from '../../support/app.ts'
import { selfSigned } from '../../support/certificate.ts'
import { freePort, temporaryFolder } from '../../support/process.ts'

test('SEC-1: a probe is path and User-Agent together, and opens nothing else', async (t) => {
  const { server } = await buildApp(t, ['--ping-user-agent=kube-probe'])
  const as = (url: string, agent: string) =>
    server.inject({ url, headers: { 'user-agent': agent, host: 'a' } })
  assert.equal((await as('/ping', 'kube-probe')).statusCode, 200)
  assert.equal((await as('/ping', 'curl')).statusCode, 401)
  assert.equal((await as('/secret', 'kube-probe')).statusCode, 401)
  assert.equal((await as('/oauth2/auth', 'kube-probe')).statusCode, 401)
})

test('probes are answered on the listener of metrics, in plain HTTP beside a public one with TLS', async (t) => {
  const folder = temporaryFolder(t)
  const [cert, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const certified = selfSigned(t, 'auth.example.com')
  writeFileSync(cert, certified.cert)
  writeFileSync(key, certified.key)
  const metrics = `127.0.0.1:${await freePort()}`
  const app = await buildApp(t, [
    `--tls-cert-file=${cert}`,
    `--tls-key-file=${key}`,
    '--https-address=127.0.0.1:0',
    `--metrics-address=${metrics}`,
    '--ping-path=/alive',
    '--ping-user-agent=kube-probe',
  ])
  assert.match(await app.listen(), /^https:/)
  const ask = async (path: string, agent: string): Promise<number> =>
    (await fetch(`http://${metrics}${path}`, { headers: { 'user-agent': agent } })).status
  assert.equal(await ask('/ready', 'any'), 200)
  assert.equal(await ask('/alive', 'kube-probe'), 200)
  assert.equal(await ask('/alive', 'curl'), 404)
  assert.equal(await ask('/ping', 'kube-probe'), 404)
})

test('takes a plain request id from outside and makes one otherwise', async (t) => {
  const { server, logs } = await buildApp(t)
  for (const id of ['abc-123', 'x'.repeat(200), 'a b', '<script>']) {
    await server.inject({ url: '/oauth2/auth', headers: { 'x-request-id': id } })
  }
  const ids = logs()
    .filter(({ msg }) => msg === 'request')
    .map(({ requestId }) => String(requestId))
  assert.equal(ids[0], 'abc-123')
  for (const id of ids.slice(1)) assert.match(id, /^[\da-f-]{36}$/)
})

test('SEC-33: no query, cookie or token reaches the log', async (t) => {
  const { server, logText } = await buildApp(t)
  const secret = 'sEcReT-value'
  for (const url of [
    `/oauth2/callback?code=${secret}&state=${secret}`,
    `/oauth2/start?rd=/x?token=${secret}`,
    `/app?token=${secret}`,
    `/oauth2/auth?x=${secret}`,
    `/oauth2/sign_out?rd=/${secret}`,
  ]) {
    await server.inject({
      url,
      headers: {
        host: 'app.example.com',
        accept: 'text/html',
        cookie: `_oauth2_proxy=${secret}`,
        authorization: `Bearer ${secret}`,
        'x-original-url': `https://app.example.com/a?b=${secret}`,
      },
    })
  }
  assert.ok(logText().length > 0)
  assert.doesNotMatch(logText(), new RegExp(secret))
  assert.doesNotMatch(logText(), /client-secret-value/)
})

test('force_https redirects browsers, not checks and not probes', async (t) => {
  const { server } = await buildApp(t, ['--force-https=true', '--reverse-proxy=true'])
  const headers = { host: 'app.example.com:8080', accept: 'text/html' }
  const redirected = await server.inject({ url: '/a?b=c', headers })
  assert.equal(redirected.statusCode, 308)
  assert.equal(redirected.headers['location'], 'https://app.example.com/a?b=c')
  const secure = { ...headers, 'x-forwarded-proto': 'https' }
  assert.equal((await server.inject({ url: '/', headers: secure })).statusCode, 403)
  assert.equal((await server.inject({ url: '/oauth2/auth', headers })).statusCode, 401)
  assert.equal((await server.inject({ url: '/ping', headers })).statusCode, 200)
})

test('SEC-35: oversized headers and forms are refused with 4xx', async (t) => {
  const app = await buildApp(t)
  const address = new URL(await app.listen())
  const big = request(new URL('/oauth2/auth', address), {
    headers: { cookie: `a=${'x'.repeat(70_000)}` },
  })
  big.end()
  const [answer] = (await once(big, 'response')) as [{ statusCode: number; resume(): void }]
  answer.resume()
  assert.equal(answer.statusCode, 431)
  const form = await app.server.inject({
    method: 'POST',
    url: '/oauth2/sign_in',
    headers: { host: 'a', 'content-type': 'application/x-www-form-urlencoded' },
    payload: `rd=${'x'.repeat(70_000)}`,
  })
  assert.equal(form.statusCode, 413)
})

test('SEC-38: invented and lower-case methods are asked to sign in like any other', async (t) => {
  const { server } = await buildApp(t, ['--skip-auth-route=^/open'])
  for (const method of ['PROPFIND', 'TRACE'] as const) {
    const { statusCode } = await server.inject({ method, url: '/open', headers: { host: 'a' } })
    assert.ok([400, 401, 405].includes(statusCode), `${method} ${statusCode}`)
  }
})

test('SEC-36: an absolute request target is no path of ours', async (t) => {
  const app = await buildApp(t)
  const { port, hostname } = new URL(await app.listen())
  const socket = connect(Number(port), hostname)
  socket.end('GET http://evil.example/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  const [head] = (await once(socket, 'data')) as [Buffer]
  assert.match(head.toString(), /^HTTP\/1\.1 400 /)
})

test('SEC-41: metrics are on their own listener, which knows no portal', async (t) => {
  const app = await buildApp(t, ['--metrics-address=127.0.0.1:0'])
  assert.equal(
    (await app.server.inject({ url: '/metrics', headers: { host: 'a' } })).statusCode,
    401,
  )
})
