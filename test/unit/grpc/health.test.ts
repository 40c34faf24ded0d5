import assert from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createHealth } from '../../../src/grpc/health.ts'
import { afterTest } from '../../support/cleanup.ts'

test('a look that was under way when the shutdown began tells nobody SERVING', async (t) => {
  const held: (() => void)[] = []
  const health = createHealth({ pingStore: () => new Promise((resolve) => held.push(resolve)) })
  const told: unknown[] = []
  const watch = Object.assign(new EventEmitter(), {
    request: { service: '' },
    write: (message: unknown) => told.push(message),
    end: () => {},
  })
  afterTest(t, () => health.close())
  const { Watch } = health.implementation
  assert.ok(Watch)
  Reflect.apply(Watch, undefined, [watch])
  assert.equal(held.length, 1, 'the store is asked')

  health.leave()
  await nextTurn()
  assert.deepEqual(told, [{ status: 'NOT_SERVING' }], 'without waiting for the store')
  held[0]?.()
  await nextTurn()
  assert.deepEqual(told, [{ status: 'NOT_SERVING' }])
})
