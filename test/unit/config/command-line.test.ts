import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readSwitches } from '../../../src/config/command-line.ts'

const none = { help: false, version: false, configTest: false }

for (const [argv, expected] of [
  [[], none],
  [['--version'], { ...none, version: true }],
  [['--version=false'], none],
  [['--help'], { ...none, help: true }],
  [['--config=a.toml', '--config-test'], { ...none, configTest: true }],
  [['--xyzzy', '--version', 'stray'], { ...none, version: true }],
  [['--client-id', '--version'], none],
] as const) {
  test(`reads the switches of "${argv.join(' ')}"`, () => {
    assert.deepEqual(readSwitches(argv), expected)
  })
}
