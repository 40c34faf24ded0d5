import assert from 'node:assert/strict'
import { test } from 'node:test'
import { oncePer } from '../../../src/lib/once-per.ts'

test('asks once for each object, whatever they hold', () => {
  const asked: object[] = []
  const copy = oncePer((of: { readonly name: string }) => {
    asked.push(of)
    return { ...of }
  })
  const [one, other] = [{ name: 'same' }, { name: 'same' }]
  assert.equal(copy(one), copy(one))
  assert.notEqual(copy(one), copy(other))
  assert.deepEqual(asked, [one, other])
})
