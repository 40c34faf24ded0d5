import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import {
  CircuitOpen,
  createCircuitBreaker,
  type Failure,
} from '../../../src/lib/circuit-breaker.ts'

class Failed extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure)
    this.failure = failure
  }
}

function prepare(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let calls = 0
  const guarded = createCircuitBreaker({
    silentLimit: 3,
    restMs: 500,
    classify: (error) => (error instanceof Failed ? error.failure : 'answered'),
  })
  const run = (failure?: Failure) =>
    guarded(async () => {
      calls += 1
      if (failure) throw new Failed(failure)
      return 'answer'
    })
  const silence = async (count: number) => {
    for (let made = 0; made < count; made += 1) await assert.rejects(run('silent'), Failed)
  }
  return { guarded, run, silence, calls: () => calls, rest: (ms: number) => t.mock.timers.tick(ms) }
}

test('calls go through while they are answered, refusals are answers', async (t) => {
  const { run, calls, silence } = prepare(t)
  assert.equal(await run(), 'answer')
  for (let round = 0; round < 3; round += 1) {
    await silence(2)
    await assert.rejects(run('answered'), Failed)
  }
  for (let round = 0; round < 10; round += 1) await assert.rejects(run('gone'), Failed)
  assert.equal(await run(), 'answer')
  assert.equal(calls(), 21)
})

test('after silence in a row no call is made, until one tries again', async (t) => {
  const { run, calls, silence, rest } = prepare(t)
  await silence(3)
  await assert.rejects(run(), CircuitOpen)
  rest(499)
  await assert.rejects(run(), CircuitOpen)
  assert.equal(calls(), 3)
  rest(1)
  assert.equal(await run(), 'answer')
  assert.equal(await run(), 'answer')
})

test('one call at a time tries again, and its failure means another rest', async (t) => {
  for (const failure of ['silent', 'gone'] as const) {
    const { run, calls, silence, rest } = prepare(t)
    await silence(3)
    rest(500)
    const trial = run(failure)
    await assert.rejects(run(), CircuitOpen)
    await assert.rejects(trial, Failed)
    await assert.rejects(run(), CircuitOpen)
    assert.equal(calls(), 4)
    rest(500)
    assert.equal(await run(), 'answer')
    t.mock.timers.reset()
  }
})

test('a refusal to the call that tries again is an answer', async (t) => {
  const { run, silence, rest } = prepare(t)
  await silence(3)
  rest(500)
  await assert.rejects(run('answered'), Failed)
  assert.equal(await run(), 'answer')
})

test('an answer that comes late ends the rest, and a late silence does not prolong it', async (t) => {
  const { guarded, run, silence, rest } = prepare(t)
  const late = Promise.withResolvers<string>()
  const waiting = guarded(() => late.promise)
  const lost = Promise.withResolvers<string>()
  const losing = guarded(() => lost.promise)
  await silence(3)
  rest(400)
  lost.reject(new Failed('silent'))
  await assert.rejects(losing, Failed)
  await assert.rejects(run(), CircuitOpen)
  late.resolve('late answer')
  assert.equal(await waiting, 'late answer')
  assert.equal(await run(), 'answer')
})
