import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDeadline } from '../../../src/upstream/deadline.ts'

test('a wait that is over in time, started again or stopped does not time out', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const onTimeout = t.mock.fn()
  const deadline = createDeadline(100, onTimeout)
  t.mock.timers.tick(1000)
  deadline.start()
  t.mock.timers.tick(99)
  deadline.start()
  t.mock.timers.tick(99)
  deadline.stop()
  t.mock.timers.tick(1000)
  assert.equal(onTimeout.mock.callCount(), 0)
  deadline.start()
  t.mock.timers.tick(100)
  assert.equal(onTimeout.mock.callCount(), 1)
})

test('a cancelled deadline cannot be started', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const onTimeout = t.mock.fn()
  const deadline = createDeadline(100, onTimeout)
  deadline.start()
  deadline.cancel()
  deadline.start()
  t.mock.timers.tick(1000)
  assert.equal(onTimeout.mock.callCount(), 0)
})
