import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createNgfFront } from '../../../src/fronts/ngf.ts'
import { accepted, gateway, privateTrust, rawRequest, stranger } from '../../support/fronts.ts'

const front = createNgfFront({ trust: privateTrust(), path: '/oauth2/check/ngf' })
const headers = { host: 'app.example.com', path: '/a?b', method: 'PUT' }

function read(changed: Readonly<Record<string, string | undefined>> = {}, peer = gateway) {
  return front.read(rawRequest({ headers: { ...headers, ...changed }, peer }))
}

test('SEC-42: no address of the client counts, which it may have made up', () => {
  for (const name of ['x-forwarded-for', 'x-real-ip']) {
    assert.equal(accepted(read({ [name]: '10.0.0.1' })).clientIp, '')
  }
})

test('limits stand behind the path, or in its query', () => {
  const limits = { groups: ['a', 'b'], emails: undefined, emailDomains: undefined }
  for (const url of [
    '/oauth2/check/ngf-with/allowed_groups=a,b',
    '/oauth2/check/ngf?allowed_groups=a,b',
  ]) {
    assert.deepEqual(accepted(front.read(rawRequest({ url, headers }))).limits, limits)
  }
})

describe('refuses, and says what should have asked', () => {
  for (const [name, value] of [
    ['path', undefined],
    ['path', 'a'],
    ['path', '/a, /b'],
    ['method', undefined],
    ['method', 'GET, PUT'],
    ['host', 'a b'],
  ] as const) {
    test(`${name}: ${value ?? 'absent'}`, () => {
      const result = read({ [name]: value })
      assert.ok(!result.ok)
      assert.ok(result.message.toLowerCase().startsWith(name), result.message)
      assert.match(result.message, /ExternalAuth filter of NGINX Gateway Fabric/)
    })
  }

  test('a stranger', () => {
    const result = read({}, stranger)
    assert.ok(!result.ok)
    assert.match(result.message, /trusted_proxy_ips/)
  })
})
