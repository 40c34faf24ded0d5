import assert from 'node:assert/strict'
import { test } from 'node:test'
import { contentType } from '../../../src/upstream/content-types.ts'

test('the extension tells the type, in any case; the rest is bytes', () => {
  assert.equal(contentType('index.html'), 'text/html; charset=utf-8')
  assert.equal(contentType('A.B.SVG'), 'image/svg+xml')
  for (const name of ['file', '.html', 'x.', 'x.unknown', 'x.constructor']) {
    assert.equal(contentType(name), 'application/octet-stream')
  }
})
