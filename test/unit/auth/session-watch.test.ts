import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSessionWatch } from '../../../src/auth/session-watch.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import { createBrowserCookies } from '../../support/browser-cookies.ts'
import { oneSessionStore, recordedLog, someSession } from '../../support/sessions.ts'

const interval = 10_000
const context = createBrowserCookies().request()

function watch(t: import('node:test').TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const sessions = oneSessionStore({ state: 'found', session: someSession() })
  const log = recordedLog()
  const { open } = createSessionWatch({
    options: { session_watch_interval: interval },
    sessions,
    log,
  })
  /** As time goes by, and what came of it. */
  async function wait(intervals: number): Promise<void> {
    for (let count = 0; count < intervals; count += 1) {
      t.mock.timers.tick(interval)
      for (let turn = 0; turn < 10; turn += 1) await Promise.resolve()
    }
  }
  return { sessions, log, open, wait }
}

test('SEC-37: says so when the session of what is open was ended', async (t) => {
  const { sessions, open, wait } = watch(t)
  const { signal } = open(someSession(), context)
  await wait(3)
  assert.equal(signal.aborted, false)
  await sessions.remove(context)
  await wait(1)
  assert.equal(signal.aborted, true)
})

test('SEC-37: another session under the same cookies is not the one that was allowed', async (t) => {
  const { sessions, open, wait } = watch(t)
  const { signal } = open(someSession(), context)
  await sessions.create(someSession({ id: 'another' }), context)
  await wait(2)
  assert.equal(signal.aborted, true)
})

test('SEC-48: a store that does not answer ends nothing, and is asked again', async (t) => {
  const { sessions, log, open, wait } = watch(t)
  const { signal } = open(someSession(), context)
  sessions.fail(new Unavailable('store', 'away'))
  await wait(3)
  assert.equal(signal.aborted, false)
  sessions.fail(new Error('a mistake'))
  await wait(1)
  assert.equal(log.lines.at(-1)?.event, 'open sessions not looked after')
  sessions.heal()
  await sessions.remove(context)
  await wait(1)
  assert.equal(signal.aborted, true)
})

test('looks for nothing that is closed, and not for what just began', async (t) => {
  const { sessions, open, wait } = watch(t)
  const short = open(someSession(), context)
  await sessions.remove(context)
  await wait(1)
  assert.equal(short.signal.aborted, false)
  short.close()
  await wait(3)
  assert.equal(short.signal.aborted, false)
})
