import assert from 'node:assert/strict'
import { test } from 'node:test'
import { asHost } from '../../../src/fronts/original-request.ts'

const longestName = `${'a'.repeat(60)}.`.repeat(4).slice(0, 253)

for (const host of ['app.example.com', 'app:8443', '192.0.2.1', '[2001:db8::1]:443', longestName]) {
  test(`takes ${host.slice(0, 40)} for a host, each time`, () => {
    assert.equal(asHost(host), host)
    assert.equal(asHost(host), host)
  })
}

for (const text of [
  '',
  'a b',
  'user@host',
  'host/path',
  '1.2.3.256',
  'app:99999',
  'a'.repeat(260),
]) {
  test(`does not take "${text.slice(0, 40)}" for a host, each time`, () => {
    assert.equal(asHost(text), undefined)
    assert.equal(asHost(text), undefined)
  })
}
