import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createHaproxyFront } from '../../../src/fronts/haproxy.ts'
import { accepted, gateway, privateTrust, rawRequest, stranger } from '../../support/fronts.ts'

const front = createHaproxyFront({ trust: privateTrust() })
const headers = { 'x-original-url': 'https://app.example.com/a?b', 'x-original-method': 'PUT' }

function read(changed: Readonly<Record<string, string | undefined>> = {}, peer = gateway) {
  return front.read(rawRequest({ headers: { ...headers, ...changed }, peer }))
}

test('reads X-Original-* alone', () => {
  const { method, scheme, host, uri } = accepted(read({ 'x-forwarded-uri': '/public' }))
  assert.deepEqual(
    { method, scheme, host, uri },
    { method: 'PUT', scheme: 'https', host: 'app.example.com', uri: '/a?b' },
  )
})

describe('refuses, and says what the script must send', () => {
  for (const [name, value] of [
    ['x-original-url', undefined],
    ['x-original-url', '/a'],
    ['x-original-url', 'https://a.example/x, https://b.example/y'],
    ['x-original-method', undefined],
    ['x-original-method', 'GET, PUT'],
  ] as const) {
    test(`${name}: ${value ?? 'absent'}`, () => {
      const result = read({ [name]: value })
      assert.ok(!result.ok)
      assert.ok(result.message.toLowerCase().startsWith(name), result.message)
      assert.match(result.message, /sallyport\.lua/)
    })
  }

  test('a stranger', () => {
    const result = read({}, stranger)
    assert.ok(!result.ok)
    assert.match(result.message, /trusted_proxy_ips/)
  })
})
