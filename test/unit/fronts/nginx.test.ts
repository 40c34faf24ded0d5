import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestHeaders } from '../../../src/core/http.ts'
import { createNginxFront } from '../../../src/fronts/nginx.ts'
import {
  accepted,
  answerParts,
  decisions,
  privateTrust,
  rawRequest,
  stranger,
} from '../../support/fronts.ts'

const front = createNginxFront({ trust: privateTrust() })
const direct = createNginxFront({ trust: privateTrust(false) })

function read(headers: RequestHeaders, { on = front, method = 'GET', peer = '10.0.0.7' } = {}) {
  const { scheme, host, uri, rulePath, ...request } = accepted(
    on.read(rawRequest({ method, url: '/oauth2/auth', headers, peer })),
  )
  return { method: request.method, scheme, host, uri, rulePath }
}

const unknown = { method: 'GET', scheme: 'http', host: '', uri: '', rulePath: undefined }
const ingress = {
  host: 'sallyport.auth.svc',
  'x-original-url': 'https://app.example.com/public/a?b=c',
  'x-original-method': 'POST',
}
const recipe = {
  host: 'app.example.com',
  'x-forwarded-uri': '/public/a?b=c',
  'x-forwarded-proto': 'https',
}
const publicPage = {
  method: 'POST',
  scheme: 'https',
  host: 'app.example.com',
  uri: '/public/a?b=c',
  rulePath: '/public/a',
}

test('ingress-nginx needs no reverse_proxy', () => {
  assert.deepEqual(read(ingress, { on: direct }), publicPage)
})

test('a check without X-Original-Method is about its own method', () => {
  const { 'x-original-method': _, ...headers } = ingress
  assert.deepEqual(read(headers), { ...publicPage, method: 'GET' })
})

test('a check that names no request asks about the session alone', () => {
  assert.deepEqual(read({ host: 'sallyport.auth.svc' }), unknown)
})

describe('an X-Original-URL that is none names no request, and nothing takes its place', () => {
  for (const url of [
    '',
    '/public',
    'app.example.com/public',
    'ftp://app.example.com/public',
    'https://app.example.com',
    'https:///public',
    'https://user@app.example.com/public',
    'https://app.example.com\\@evil.example/public',
    'https://app.example.com/a, https://app.example.com/b',
    'https://app.example.com/a b',
    'https://app.example.com:port/public',
    'https://[::1/public',
    'wss://app.example.com/public',
  ]) {
    test(JSON.stringify(url), () => {
      assert.deepEqual(read({ ...recipe, 'x-original-url': url }), unknown)
    })
  }

  test('nor does a method that came twice', () => {
    assert.deepEqual(read({ ...ingress, 'x-original-method': 'GET, POST' }), unknown)
  })
})

describe('plain nginx as set up for oauth2-proxy', () => {
  test('names the URI, on the host that nginx passes', () => {
    assert.deepEqual(read(recipe), { ...publicPage, method: 'GET' })
  })

  test('may name the host too', () => {
    const headers = { ...recipe, host: 'auth.svc', 'x-forwarded-host': 'app.example.com' }
    assert.equal(read(headers).host, 'app.example.com')
  })

  test('may leave scheme and host out', () => {
    const request = read({ 'x-forwarded-uri': '/a' })
    assert.deepEqual(request, { ...unknown, uri: '/a', rulePath: '/a' })
  })

  test('SEC-38: never tells the method, and makes it unknown where another one is claimed', () => {
    assert.equal(read({ ...recipe, 'x-original-method': 'OPTIONS' }).method, 'GET')
    assert.equal(read({ ...recipe, 'x-forwarded-method': 'GET' }).method, 'GET')
    assert.equal(read({ ...recipe, 'x-forwarded-method': 'OPTIONS' }).method, '')
  })

  test('counts with reverse_proxy only', () => {
    assert.deepEqual(read(recipe, { on: direct }), unknown)
  })

  test('names no request with a URI that is none', () => {
    assert.deepEqual(read({ ...recipe, 'x-forwarded-uri': 'http://evil.example/' }), unknown)
    assert.deepEqual(read({ ...recipe, 'x-forwarded-uri': '/a, /b' }), unknown)
  })
})

describe('SEC-3: with both header families, one of them is the client’s', () => {
  const both = { ...ingress, ...recipe, 'x-original-method': 'GET' }

  test('they agree: the path may be skipped', () => {
    assert.deepEqual(read(both), { ...publicPage, method: 'GET' })
  })

  for (const [when, on] of [
    ['with', front],
    ['without', direct],
  ] as const) {
    test(`another path: no rule sees one (${when} reverse_proxy)`, () => {
      const request = read({ ...both, 'x-forwarded-uri': '/admin' }, { on })
      assert.equal(request.rulePath, undefined)
      assert.equal(request.uri, '/public/a?b=c')
    })

    test(`another query: no rule sees a path (${when} reverse_proxy)`, () => {
      assert.equal(read({ ...both, 'x-forwarded-uri': '/public/a' }, { on }).rulePath, undefined)
    })

    test(`another method than the check’s: it is no preflight, and no rule sees a path (${when} reverse_proxy)`, () => {
      const request = read({ ...both, 'x-original-method': 'OPTIONS' }, { on })
      assert.equal(request.method, 'GET')
      assert.equal(request.rulePath, undefined)
    })
  }
})

test('SEC-2: nothing that a stranger says of the request counts', () => {
  assert.deepEqual(read({ ...ingress, ...recipe }, { peer: stranger }), unknown)
  assert.deepEqual(read(ingress, { peer: stranger, method: 'POST' }), {
    ...unknown,
    method: 'POST',
  })
})

test('answers as oauth2-proxy does', () => {
  const script = accepted(front.read(rawRequest({ headers: ingress })))
  const navigation = { ...script, canRedirect: true }
  const noStore = { 'cache-control': 'no-store' }
  const plain = {
    ...noStore,
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  }
  assert.deepEqual(front.answer(decisions.allow, script, answerParts), {
    status: 202,
    headers: { ...noStore, 'x-auth-request-email': 'alice@example.com' },
    cookies: decisions.allow.cookies,
    body: '',
  })
  assert.deepEqual(front.answer(decisions.login, navigation, answerParts), {
    status: 401,
    headers: plain,
    cookies: decisions.login.cookies,
    body: 'Unauthorized\n',
  })
  assert.equal(front.answer(decisions.deny, navigation, answerParts).body, 'Forbidden\n')
  const unavailable = front.answer(decisions.unavailable, navigation, answerParts)
  assert.equal(unavailable.body, 'Service Unavailable\n')
})
