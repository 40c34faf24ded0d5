import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createSingleFlight } from '../../../src/lib/single-flight.ts'
import { fakeClock } from '../../support/clock.ts'

function flights({
  keepMs = () => 0,
  limit = 10,
}: { keepMs?: (result: string) => number; limit?: number } = {}) {
  const clock = fakeClock()
  const run = createSingleFlight<string>({ clock, keepMs, limit })
  let started = 0
  /** Runs an operation that counts its starts. */
  async function start(key: string, result = `${key}${started + 1}`): Promise<string> {
    return run(key, async () => {
      started += 1
      return result
    })
  }
  return { clock, run, start, started: () => started }
}

/** An operation's result that the test settles by hand. */
function pending(): {
  promise: Promise<string>
  resolve: (result: string) => void
  reject: (error: Error) => void
} {
  const parts: Partial<ReturnType<typeof pending>> = {}
  const promise = new Promise<string>((resolve, reject) =>
    Object.assign(parts, { resolve, reject }),
  )
  return { promise, ...parts } as ReturnType<typeof pending>
}

test('who comes while an operation runs gets its result', async () => {
  const { run } = flights()
  const { promise, resolve } = pending()
  let started = 0
  const operation = () => {
    started += 1
    return promise
  }
  const results = Array.from({ length: 5 }, async () => run('a', operation))
  resolve('done')
  assert.deepEqual(await Promise.all(results), Array(5).fill('done'))
  assert.equal(started, 1)
})

test('each key runs on its own', async () => {
  const { start } = flights()
  assert.deepEqual(await Promise.all([start('a', 'x'), start('b', 'y')]), ['x', 'y'])
})

test('a result that is not kept is fetched again', async () => {
  const { start } = flights()
  assert.deepEqual([await start('a'), await start('a')], ['a1', 'a2'])
})

test('a result is handed out as long as it says', async () => {
  const { clock, run, start } = flights({ keepMs: (result) => (result === 'short' ? 10 : 100) })
  await start('a', 'short')
  assert.equal(
    run('a', () => Promise.resolve('later')),
    'short',
    'at once',
  )
  clock.advance(9)
  assert.equal(await start('a', 'later'), 'short')
  clock.advance(1)
  assert.equal(await start('a', 'later'), 'later')
  clock.advance(99)
  assert.equal(await start('a', 'last'), 'later')
})

test('everyone who waits sees a rejection, the next starts again', async () => {
  const { run, start } = flights({ keepMs: () => 100 })
  const { promise, reject } = pending()
  const results = [1, 2].map(async () => run('a', () => promise))
  reject(new Error('down'))
  for (const settled of await Promise.allSettled(results)) {
    assert.equal(settled.status, 'rejected')
    assert.equal(String(settled.reason), 'Error: down')
  }
  assert.equal(await start('a', 'up'), 'up')
})

test('an operation that throws before it runs is a rejection too', async () => {
  const { run, start } = flights({ keepMs: () => 100 })
  const broken = () => {
    throw new Error('broken')
  }
  await assert.rejects(async () => run('a', broken), /broken/)
  assert.equal(await start('a', 'up'), 'up')
})

test('holds no more settled results than its limit, the oldest go first', async () => {
  const { start, started } = flights({ keepMs: () => 100, limit: 2 })
  for (const key of ['a', 'b', 'c']) await start(key)
  assert.equal(await start('c'), 'c3')
  assert.equal(await start('b'), 'b2')
  assert.equal(started(), 3)
  assert.equal(await start('a'), 'a4')
})

test('results that are over make room before others', async () => {
  const { clock, start } = flights({ keepMs: (result) => (result === 'long' ? 100 : 10), limit: 2 })
  await start('a', 'long')
  await start('b', 'short')
  clock.advance(50)
  await start('c', 'long')
  assert.equal(await start('a', 'again'), 'long')
})

test('a result that was fetched again counts as new', async () => {
  const { clock, start } = flights({ keepMs: () => 10, limit: 2 })
  await start('a')
  clock.advance(5)
  await start('b')
  clock.advance(5)
  await start('a', 'renewed')
  await start('c')
  assert.equal(await start('a', 'again'), 'renewed')
})

test('running operations are never dropped', async () => {
  const { run, start } = flights({ keepMs: () => 100, limit: 1 })
  const { promise, resolve } = pending()
  const first = Promise.resolve(run('a', () => promise))
  for (const key of ['b', 'c', 'd']) await start(key)
  const second = Promise.resolve(run('a', () => Promise.resolve('started twice')))
  resolve('once')
  assert.deepEqual(await Promise.all([first, second]), ['once', 'once'])
})
