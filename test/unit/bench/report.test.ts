import assert from 'node:assert/strict'
import { test } from 'node:test'
import { table } from '../../bench/report.ts'

test('a table is Markdown: text to the left, numbers to the right', () => {
  const text = table(['check', 'CPU µs'], [['no cookie', '64']])
  assert.equal(
    text,
    ['| check     | CPU µs |', '| --------- | -----: |', '| no cookie |     64 |'].join('\n'),
  )
})

test('a row may be shorter than the head', () => {
  const [, , row] = table(['a', 'b'], [['x']]).split('\n')
  assert.equal(row, '| x   |     |')
})
