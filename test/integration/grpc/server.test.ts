import assert from 'node:assert/strict'
import { join } from 'node:path'
import { suite, test, type TestContext } from 'node:test'
import { status } from '@grpc/grpc-js'
import type { Decision } from '../../../src/core/decision.ts'
import type { EnvoyCheck } from '../../../src/fronts/envoy-grpc.ts'
import type { Front } from '../../../src/fronts/front.ts'
import { startGrpcServer, type GrpcServerDeps } from '../../../src/grpc/server.ts'
import type { Eventual } from '../../../src/lib/eventual.ts'
import { buildApp } from '../../support/app.ts'
import { afterTest } from '../../support/cleanup.ts'
import { checkPath, checkRequest, grpcClient, readCheckResponse } from '../../support/ext-authz.ts'
import { temporaryFolder } from '../../support/process.ts'
import { recordedLog, someRequest, someSession } from '../../support/sessions.ts'
import { field, numbers, readWire } from '../../support/wire.ts'

const healthPath = '/grpc.health.v1.Health/Check'
const skipAll = '--skip-auth-route=^/open/'

async function start(t: TestContext, flags: readonly string[] = []) {
  const app = await buildApp(t, ['--grpc-address=127.0.0.1:0', skipAll, ...flags])
  await app.listen()
  const line = app.logs().find(({ msg }) => msg === 'listening for gRPC')
  const call = grpcClient(t, String(line?.['address']))
  return {
    app,
    call,
    async check(question: Parameters<typeof checkRequest>[0]) {
      return readCheckResponse(await call(checkPath, checkRequest(question)))
    },
  }
}

suite('the gRPC listener', { concurrency: 4 }, () => {
  test('answers checks, in words that Envoy reads', async (t) => {
    const { app, check } = await start(t)
    const allowed = await check({
      path: '/open/x',
      headers: { 'x-auth-request-user': 'mallory', x_forwarded_email: 'mallory', accept: '*/*' },
    })
    assert.ok(allowed.passes)
    assert.deepEqual(allowed.headers, [])
    assert.ok(allowed.remove.includes('x-auth-request-user'))
    assert.ok(allowed.remove.includes('x_forwarded_email'))
    assert.ok(!allowed.remove.includes('accept'))

    const script = await check({ path: '/api', headers: { accept: 'application/json' } })
    assert.ok(!script.passes)
    assert.equal(script.status, 401)
    assert.equal(script.body, '{"error":"unauthenticated"}')

    const browser = await check({
      path: '/page?a=1&b=%20',
      headers: { accept: 'text/html', 'x-request-id': 'req-77' },
    })
    assert.ok(!browser.passes)
    assert.equal(browser.status, 302)
    const location = browser.headers.find(({ name }) => name === 'location')?.value
    assert.equal(location, 'https://app.example.com/oauth2/sign_in?rd=%2Fpage%3Fa%3D1%26b%3D%2520')

    const line = app.logs().findLast(({ msg, front }) => msg === 'request' && front)
    assert.equal(line?.['front'], 'envoy-grpc')
    assert.equal(line['requestId'], 'req-77')
    assert.equal(line['clientIp'], '203.0.113.5')
    assert.equal(line['checkedPath'], '/page')
  })

  test('reads raw headers, whose names may repeat', async (t) => {
    const { app, check } = await start(t)
    const answer = await check({
      path: '/open/raw',
      rawHeaders: [
        ['x-forwarded-proto', 'https'],
        ['cookie', 'a=1'],
        ['cookie', 'b=2'],
        ['x-request-id', 'req-raw'],
        ['X-Auth_Request_User', 'mallory'],
      ],
    })
    assert.ok(answer.passes)
    assert.ok(answer.remove.includes('X-Auth_Request_User'))
    assert.equal(app.logs().findLast(({ msg }) => msg === 'request')?.['requestId'], 'req-raw')
  })

  test('SEC-2: a stranger is refused, and the log says what to mend', async (t) => {
    const { app, check } = await start(t, ['--trusted-proxy-ip=192.0.2.7'])
    const answer = await check({ path: '/open/x' })
    assert.ok(!answer.passes)
    assert.equal(answer.status, 403)
    assert.equal(answer.body, 'Forbidden\n')
    const line = app.logs().find(({ msg }) => msg === 'request refused')
    assert.equal(line?.['message'], 'asked by 127.0.0.1, which is not in trusted_proxy_ips')
  })

  test('a message that is none, or about no HTTP request, lets nobody pass', async (t) => {
    const { call } = await start(t)
    await assert.rejects(call(checkPath, Buffer.from([0x0a, 0xff])), { code: status.INTERNAL })
    const empty = readCheckResponse(await call(checkPath, Buffer.alloc(0)))
    assert.ok(!empty.passes)
    assert.equal(empty.status, 403)
    const huge = checkRequest({ headers: { 'x-large': 'x'.repeat(2 * 1024 * 1024) } })
    await assert.rejects(call(checkPath, huge), { code: status.RESOURCE_EXHAUSTED })
  })

  test('SEC-41: serves nothing but the check and its health', async (t) => {
    const { call } = await start(t)
    for (const path of [
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
      '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
      '/envoy.service.auth.v2.Authorization/Check',
      '/oauth2/sign_in',
      '/metrics',
    ]) {
      await assert.rejects(call(path, Buffer.alloc(0)), { code: status.UNIMPLEMENTED }, path)
    }
  })

  test('is healthy until it shuts down, and still answers then', async (t) => {
    const { app, call, check } = await start(t)
    const health = async (service: string) =>
      numbers(readWire(await call(healthPath, field(1, service))), 1)
    assert.deepEqual(await health(''), [1])
    assert.deepEqual(await health('envoy.service.auth.v3.Authorization'), [1])
    await assert.rejects(health('another.Service'), { code: status.NOT_FOUND })
    const closed = app.close()
    assert.deepEqual(await health(''), [2])
    assert.equal((await check({ path: '/open/x' })).passes, true)
    await closed
    await assert.rejects(health(''), { code: status.UNAVAILABLE })
  })

  test('listens on a unix socket, where every peer is trusted', async (t) => {
    const path = join(temporaryFolder(t), 'grpc.sock')
    const { check } = await start(t, [
      `--grpc-address=unix://${path}`,
      '--trusted-proxy-ip=192.0.2.7',
    ])
    assert.equal((await check({ path: '/open/x' })).passes, true)
  })

  test('an empty host is every interface', async (t) => {
    const { check } = await start(t, ['--grpc-address=:0'])
    assert.equal((await check({ path: '/open/x' })).passes, true)
  })

  test('a port that is taken ends the start with its reason', async (t) => {
    const { app } = await start(t)
    const taken = app.logs().find(({ msg }) => msg === 'listening for gRPC')?.['address']
    const second = await buildApp(t, [`--grpc-address=${String(taken)}`])
    await assert.rejects(second.listen(), /EADDRINUSE/)
  })
})

const allow: Decision = { outcome: 'allow', reason: 'session', session: someSession(), cookies: [] }
const bug = (): never => {
  throw new TypeError('a bug')
}

interface Parts {
  readonly read?: () => never
  readonly check?: () => Eventual<Decision>
  readonly answer?: () => never
  readonly forgedNames?: () => never
}

/** The server with a mistake of ours in one of its parts. */
async function ask(t: TestContext, { read, check, answer, forgedNames }: Parts) {
  const log = recordedLog()
  const front: Front<EnvoyCheck> = {
    name: 'envoy-grpc',
    read: read ?? (() => ({ ok: true, request: someRequest() })),
    answer: answer ?? (() => ({ status: 200, headers: {}, cookies: [], body: '' })),
  }
  const server = await startGrpcServer({
    options: { proxy_prefix: '/oauth2', request_id_header: 'X-Request-Id' },
    address: { host: '127.0.0.1', port: 0 },
    tls: undefined,
    pingStore: () => Promise.resolve(),
    front,
    check: check ?? (() => allow),
    record: { check() {}, refused() {} },
    doctorProbes: { answer: () => undefined },
    identityHeaders: { unsetNames: () => [], forgedNames: forgedNames ?? (() => []) },
    metrics: { requestServed() {} },
    requestLog: undefined,
    log,
  } as unknown as GrpcServerDeps)
  afterTest(t, () => server.close(0))
  const call = grpcClient(t, server.address)
  const response = readCheckResponse(await call(checkPath, checkRequest({})))
  const lines = log.lines.map(({ level, event }) => [level, event])
  return { answer: response.passes ? 'passes' : response.status, lines }
}

test('the server lets pass while nothing is wrong', async (t) => {
  assert.deepEqual(await ask(t, {}), { answer: 'passes', lines: [] })
})

const mistakes: Readonly<Record<string, Parts>> = {
  'reading the request': { read: bug },
  'the check': { check: bug },
  'the check, later': { check: () => Promise.reject(new TypeError('a bug')) },
  'the answer': { answer: bug },
  'the answer, later': { check: () => Promise.resolve(allow), answer: bug },
  'the headers to remove': { forgedNames: bug },
}

for (const [where, parts] of Object.entries(mistakes)) {
  test(`SEC-39: a mistake in ${where} is no allow and does not end the process`, async (t) => {
    const notAnswered = [['error', 'check not answered']]
    assert.deepEqual(await ask(t, parts), { answer: 503, lines: notAnswered })
  })
}
