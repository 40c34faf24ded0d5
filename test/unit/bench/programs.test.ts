import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { imageEnvironment } from '../../bench/programs.ts'

test('takes each setting of ENV, over several lines', () => {
  assert.deepEqual(imageEnvironment('FROM scratch\nENV A=1 \\\n  B=--x=2\nUSER 1:1\n'), [
    'A=1',
    'B=--x=2',
  ])
})

test('finds what our own image sets', () => {
  const settings = imageEnvironment(readFileSync('Dockerfile', 'utf8'))
  assert.ok(settings.some((setting) => setting.startsWith('NODE_OPTIONS=')))
})
