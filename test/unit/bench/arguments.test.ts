import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readArguments } from '../../bench/arguments.ts'

test('a quick run has fewer rounds and requests', () => {
  const whole = readArguments([])
  const quick = readArguments(['--quick'])
  assert.ok(quick.rounds < whole.rounds && quick.requests < whole.requests)
})

test('given numbers win over those of a quick run', () => {
  const { rounds, requests } = readArguments(['--quick', '--rounds', '7', '--requests=20'])
  assert.deepEqual({ rounds, requests }, { rounds: 7, requests: 20 })
})

for (const args of [['--rounds', '0'], ['--requests', '1e3'], ['--round', '3'], ['3']]) {
  test(`refuses ${args.join(' ')}`, () => {
    assert.throws(() => readArguments(args))
  })
}
