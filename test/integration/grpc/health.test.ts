// grpc.health.v1 as its clients see it: asked once, or watched.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { buildApp } from '../../support/app.ts'
import { grpcStream } from '../../support/ext-authz.ts'
import { eventually } from '../../support/eventually.ts'
import { startRedis } from '../../support/redis.ts'
import { field, numbers, readWire } from '../../support/wire.ts'

const watchPath = '/grpc.health.v1.Health/Watch'
const checks = 'envoy.service.auth.v3.Authorization'
const [serving, notServing, unknown] = [1, 2, 3]

async function start(t: TestContext, flags: readonly string[] = []) {
  const app = await buildApp(t, ['--grpc-address=127.0.0.1:0', ...flags])
  await app.listen()
  const target = String(app.logs().find(({ msg }) => msg === 'listening for gRPC')?.['address'])
  /** What whoever watches was told so far. */
  function watch(service: string) {
    const stream = grpcStream(t, target, watchPath, field(1, service))
    return {
      told: () => stream.received.map((message) => numbers(readWire(message), 1)[0]),
      isOver: stream.isOver,
    }
  }
  return { app, watch }
}

test('who watches the server is told whenever it is ready, and whenever it is not', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { watch } = await start(t, [
    '--session-store-type=redis',
    `--redis-connection-url=${redis.url}`,
  ])
  const [server, authorization] = [watch(''), watch(checks)]
  await eventually(() => assert.deepEqual(server.told().at(-1), serving))
  const before = server.told().length
  await redis.stop()
  await eventually(() => assert.deepEqual(server.told().slice(before), [notServing]))
  await redis.restart()
  await eventually(() => assert.deepEqual(server.told().slice(before), [notServing, serving]))
  // With nobody to ask, a gateway with `failure_mode_allow` would let everyone pass.
  assert.deepEqual(authorization.told(), [serving], 'checks are answered all the same')
})

test('who watches is told of the shutdown, and is let go', async (t) => {
  const { app, watch } = await start(t)
  const watched = [watch(''), watch(checks)]
  const nothing = watch('another.Service')
  await eventually(() => {
    for (const { told } of watched) assert.deepEqual(told(), [serving])
    assert.deepEqual(nothing.told(), [unknown], 'it may come one day')
  })
  const closed = app.close()
  await eventually(() => {
    for (const { told } of watched) assert.deepEqual(told(), [serving, notServing])
  })
  await closed
  await eventually(() => {
    for (const { isOver } of [...watched, nothing]) assert.ok(isOver())
  })
})
