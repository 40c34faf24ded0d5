import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatDuration, parseGoDuration } from '../../../src/config/duration.ts'

const durations: readonly (readonly [text: string, ms: number | undefined])[] = [
  ['0', 0],
  ['0s', 0],
  ['500ms', 500],
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['168h0m0s', 604_800_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['+5s', 5000],
  ['-5s', -5000],
  ['1000us', 1],
  ['1000µs', 1],
  ['1000000ns', 1],
  ['', undefined],
  ['5', undefined],
  ['s', undefined],
  ['1d', undefined],
  ['1 h', undefined],
  ['1h ', undefined],
  ['1H', undefined],
  ['--1s', undefined],
]

for (const [text, ms] of durations) {
  test(`reads the duration "${text}" as ${ms} ms`, () => {
    assert.equal(parseGoDuration(text), ms)
  })
}

test('reads back every duration that it writes', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
      assert.equal(parseGoDuration(formatDuration(ms)), ms)
    }),
  )
})
