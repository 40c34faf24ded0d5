import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createProxyFront, type ProxyFrontOptions } from '../../../src/fronts/proxy.ts'
import type { RawRequest } from '../../../src/core/http.ts'
import {
  accepted,
  answerParts,
  decisions,
  privateTrust,
  rawRequest,
  stranger,
} from '../../support/fronts.ts'

const forwarded = {
  host: 'sallyport.auth.svc',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-uri': '/public',
  'x-forwarded-method': 'OPTIONS',
}
const navigation = {
  host: 'app.example.com',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

function frontWith(options: Partial<ProxyFrontOptions> = {}, reverse_proxy = true) {
  return createProxyFront({
    trust: privateTrust(reverse_proxy),
    options: { force_json_errors: false, api_routes: [], upstreams: [], ...options },
  })
}

function read(parts: Partial<RawRequest>, front = frontWith()) {
  return accepted(front.read(rawRequest(parts)))
}

test('behind a trusted proxy, scheme and host are the browser’s', () => {
  const { scheme, host } = read({ headers: forwarded })
  assert.deepEqual({ scheme, host }, { scheme: 'https', host: 'app.example.com' })
})

const answers = { kind: 'static', path: '/', status: 202 } as const
const app = { kind: 'http', path: '/app/', url: new URL('http://app') } as const

test('with static upstreams alone a gateway asks, about its X-Forwarded-Uri', () => {
  const front = frontWith({ upstreams: [answers] })
  assert.equal(read({ url: '/', headers: forwarded }, front).rulePath, '/public')
  assert.equal(read({ url: '/', headers: forwarded }, front).method, '', 'SEC-38: it may be a POST')
  const asked = { ...forwarded, 'x-forwarded-method': 'GET' }
  assert.equal(read({ url: '/', headers: asked }, front).method, 'GET')
})

test('SEC-2: X-Forwarded-Uri is nothing to go by with an app behind us, or from a stranger', () => {
  const asked = { url: '/admin', headers: forwarded }
  const strange = { ...asked, peer: stranger }
  for (const [parts, front] of [
    [asked, frontWith({ upstreams: [answers, app] })],
    [asked, frontWith({ upstreams: [answers] }, false)],
    [strange, frontWith({ upstreams: [answers] })],
  ] as const) {
    assert.equal(read(parts, front).rulePath, '/admin')
  }
})

test('method and path are the ones that the upstream gets', () => {
  const { method, uri, rulePath } = read({ method: 'POST', url: '/admin?a', headers: forwarded })
  assert.deepEqual(
    { method, uri, rulePath },
    { method: 'POST', uri: '/admin?a', rulePath: '/admin' },
  )
})

for (const [who, front, peer] of [
  ['without reverse_proxy', frontWith({}, false), '10.0.0.7'],
  ['SEC-2: from a stranger', frontWith(), stranger],
] as const) {
  test(`${who}, scheme and host are the connection’s`, () => {
    const { scheme, host } = read({ headers: forwarded, peer }, front)
    assert.deepEqual({ scheme, host }, { scheme: 'http', host: 'sallyport.auth.svc' })
  })
}

test('forwarded values that are none leave the connection’s', () => {
  const headers = {
    ...forwarded,
    'x-forwarded-proto': 'https, http',
    'x-forwarded-host': 'evil.example, app.example.com',
  }
  const { scheme, host } = read({ headers })
  assert.deepEqual({ scheme, host }, { scheme: 'http', host: 'sallyport.auth.svc' })
})

describe('refuses a request that names no host or path', () => {
  const broken: readonly Partial<RawRequest>[] = [
    { headers: {} },
    { headers: { host: '' } },
    { headers: { host: 'user@app.example.com' } },
    { headers: { host: 'app.example.com/path' } },
    { headers: navigation, url: '*' },
    { headers: navigation, url: 'http://other.example/' },
    { headers: navigation, url: 'other.example:443' },
  ]
  for (const parts of broken) {
    test(JSON.stringify(parts), () => {
      const result = frontWith().read(rawRequest(parts))
      assert.ok(!result.ok)
      assert.match(result.message, /Host|request target/)
    })
  }
})

describe('JSON instead of redirects and pages', () => {
  const headers = navigation

  test('for everyone with force_json_errors', () => {
    assert.equal(read({ headers }).canRedirect, true)
    assert.equal(read({ headers }, frontWith({ force_json_errors: true })).canRedirect, false)
  })

  test('for api_routes, which see the query too', () => {
    const pattern = { source: 'format=json', test: (text: string) => text.includes('format=json') }
    const front = frontWith({ api_routes: [pattern] })
    assert.equal(read({ url: '/a?format=json', headers }, front).canRedirect, false)
    assert.equal(read({ url: '/a', headers }, front).canRedirect, true)
  })

  test('with oauth2-proxy’s body', () => {
    const front = frontWith()
    const request = read({ headers: { host: 'app.example.com' } })
    const answer = front.answer(decisions.login, request, answerParts)
    assert.equal(answer.status, 401)
    assert.equal(answer.body, '{}')
    assert.equal(answer.headers['content-type'], 'application/json')
  })
})
