import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMemoryBackend } from '../../../../src/session/stores/memory.ts'
import { fakeClock } from '../../../support/clock.ts'

const one = Buffer.from('one')
const two = Buffer.from('two')

test('keeps a value for its time', async () => {
  const clock = fakeClock()
  const backend = createMemoryBackend(clock)
  await backend.set('short', one, 10)
  await backend.set('endless', two, undefined)
  clock.advance(9)
  assert.deepEqual(await backend.get('short'), one)
  clock.advance(1)
  assert.equal(await backend.get('short'), undefined)
  assert.deepEqual(await backend.get('endless'), two)
})

test('replaces only what is there and as expected', async () => {
  const clock = fakeClock()
  const backend = createMemoryBackend(clock)
  assert.equal(await backend.replace('key', one, undefined, two), false)
  assert.equal(await backend.get('key'), undefined)
  await backend.set('key', one, 10)
  assert.equal(await backend.replace('key', two, 20, two), false)
  assert.equal(await backend.replace('key', two, 20, one), true)
  clock.advance(15)
  assert.deepEqual(await backend.get('key'), two)
  clock.advance(5)
  assert.equal(await backend.replace('key', one, undefined, two), false)
  assert.equal(await backend.get('key'), undefined)
})

test('SEC-53: forgets the oldest beyond its limit', async () => {
  const backend = createMemoryBackend(fakeClock(), { limit: 2 })
  for (const key of ['a', 'b', 'c']) await backend.set(key, one, undefined)
  await backend.set('c', two, undefined)
  assert.equal(await backend.get('a'), undefined)
  assert.deepEqual(await backend.get('b'), one)
  assert.deepEqual(await backend.get('c'), two)
})

test('tells of every key whose value changes or goes', async () => {
  const told: string[] = []
  const setup = { limit: 2, changed: (key: string) => told.push(key) }
  const backend = createMemoryBackend(fakeClock(), setup)
  await backend.set('a', one, undefined)
  await backend.replace('a', two, undefined, one)
  await backend.replace('a', one, undefined, one)
  assert.deepEqual(told.splice(0), ['a', 'a'])
  await backend.deleteExpected('a', one)
  await backend.deleteExpected('a', two)
  assert.deepEqual(told.splice(0), ['a'])
  for (const key of ['b', 'c', 'd']) await backend.set(key, one, undefined)
  assert.deepEqual(told.splice(0), ['b', 'c', 'd', 'b'])
  await backend.delete('c')
  assert.deepEqual(told, ['c'])
})

test('holds nothing once closed', async () => {
  const backend = createMemoryBackend(fakeClock())
  await backend.set('key', one, undefined)
  await backend.close()
  assert.equal(await backend.get('key'), undefined)
})
