import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBackground } from '../../../src/lib/background.ts'

test('waits for all work, what was begun in the meantime included', async () => {
  const background = createBackground((error) => assert.fail(String(error)))
  const done: string[] = []
  const work = async (name: string, next?: () => void) => {
    await new Promise(setImmediate)
    next?.()
    done.push(name)
  }
  background.run(work('first', () => background.run(work('second'))))
  await background.settled()
  assert.deepEqual(done, ['first', 'second'])
  await background.settled()
})

test('a failure is told, and hinders nobody', async () => {
  const errors: unknown[] = []
  const background = createBackground((error) => errors.push(error))
  background.run(Promise.reject(new Error('broken')))
  background.run(Promise.resolve('a result'))
  await background.settled()
  assert.deepEqual(errors.map(String), ['Error: broken'])
})
