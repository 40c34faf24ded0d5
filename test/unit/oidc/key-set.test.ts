import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Unavailable } from '../../../src/core/errors.ts'
import { createKeySet } from '../../../src/oidc/key-set.ts'
import { fakeClock } from '../../support/clock.ts'

const quiet = { debug() {}, info() {}, warn() {}, error() {} }

/** A provider whose downloads end as told, in turn: with the key of this id, or `down`. */
function keySetOf(...outcomes: readonly string[]) {
  const left = [...outcomes]
  const keys = createKeySet({
    async download() {
      const kid = left.shift()
      if (kid === undefined || kid === 'down') throw new Unavailable('provider', 'keys: status 503')
      return Response.json({ keys: [{ kty: 'EC', kid }] })
    },
    clock: fakeClock(Date.now()),
    log: quiet,
  })
  return { keys, left }
}

test('the answer to a refresh waits for keys that cannot be downloaded at that moment', async () => {
  const { keys } = keySetOf('old', 'down', 'down', 'new')
  const old = await keys.current()
  assert.match((await keys.newestAfter(old)) ?? '', /"new"/)
})

test('where the keys were downloaded and are the same, nothing is waited for', async () => {
  const { keys, left } = keySetOf('old', 'old', 'new')
  assert.equal(await keys.newestAfter(await keys.current()), undefined)
  assert.deepEqual(left, ['new'])
})

test('keys that cannot be had for long are given up, and why is known', async () => {
  const { keys, left } = keySetOf('old', 'down', 'down', 'down', 'down', 'new')
  assert.equal(await keys.newestAfter(await keys.current()), undefined)
  assert.match(keys.outage()?.message ?? '', /503/)
  assert.deepEqual(left, ['new'])
})

test('SEC-19: strangers with unknown keys cause one download in five seconds', async () => {
  const { keys, left } = keySetOf('old', 'new')
  const old = await keys.current()
  assert.equal(await keys.newerThan(old), undefined)
  assert.deepEqual(left, ['new'])
})
