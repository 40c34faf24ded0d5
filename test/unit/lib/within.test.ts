import assert from 'node:assert/strict'
import { test } from 'node:test'
import { within } from '../../../src/lib/within.ts'

test('gives what comes in time, a rejection too', async () => {
  assert.equal(await within(60_000, Promise.resolve('here')), 'here')
  await assert.rejects(within(60_000, Promise.reject(new Error('broken'))), /broken/)
})

test('gives nothing when it takes longer', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const waiting = within(1000, new Promise<string>(() => {}))
  t.mock.timers.tick(1000)
  assert.equal(await waiting, undefined)
})
