import assert from 'node:assert/strict'
import { join, normalize, sep } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { relativeSegments } from '../../../src/upstream/file-path.ts'

test('segments are decoded once, below the mount', () => {
  assert.deepEqual(relativeSegments('/files/a%20b/c', '/files/'), ['a b', 'c'])
  assert.deepEqual(relativeSegments('/files/', '/files/'), [])
  assert.deepEqual(relativeSegments('/files', '/files'), [])
  assert.deepEqual(relativeSegments('/a/', '/'), ['a'])
  assert.deepEqual(relativeSegments('/%252e%252e', '/'), ['%2e%2e'])
  assert.deepEqual(relativeSegments('/..data/...', '/'), ['..data', '...'])
})

test('SEC-5: whatever a file system could read differently is no path', () => {
  for (const path of [
    '/..',
    '/a/../b',
    '/.',
    '/%2e%2e',
    '/a%2fb',
    '/a%5cb',
    '/a\\b',
    '/%00',
    '/%',
    '//',
  ]) {
    assert.equal(relativeSegments(path, '/'), undefined, path)
  }
})

test('SEC-5: no path leads out of the directory', () => {
  const piece = fc.constantFrom(
    '..',
    '.',
    '%2e',
    '%2E%2e',
    '/',
    '%2f',
    '\\',
    '%5c',
    '%00',
    'a',
    '%25',
    ';',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const segments = relativeSegments(`/${pieces.join('')}`, '/')
      if (segments === undefined) return
      const path = join('/root', ...segments)
      assert.equal(path, normalize(path))
      assert.ok(path === '/root' || path.startsWith(`/root${sep}`))
      assert.equal(path.split(sep).length, 2 + segments.length)
    }),
  )
})
