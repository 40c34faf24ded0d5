import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestHeaders } from '../../../src/core/http.ts'
import { createTraefikFront } from '../../../src/fronts/traefik.ts'
import {
  accepted,
  answerParts,
  decisions,
  gateway,
  privateTrust,
  rawRequest,
  stranger,
} from '../../support/fronts.ts'

const front = createTraefikFront({ trust: privateTrust(false) })
const forwarded = {
  'x-forwarded-method': 'POST',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-uri': '/a?b',
}

function read(headers: RequestHeaders, peer = gateway) {
  return front.read(rawRequest({ url: '/oauth2/check/traefik', headers, peer }))
}

test('needs no reverse_proxy', () => {
  const { method, scheme, host, uri, rulePath } = accepted(read(forwarded))
  assert.deepEqual(
    { method, scheme, host, uri, rulePath },
    { method: 'POST', scheme: 'https', host: 'app.example.com', uri: '/a?b', rulePath: '/a' },
  )
})

for (const [said, scheme] of [
  ['ws', 'http'],
  ['wss', 'https'],
  ['HTTPS', 'https'],
] as const) {
  test(`reads the scheme ${said} as ${scheme}`, () => {
    assert.equal(accepted(read({ ...forwarded, 'x-forwarded-proto': said })).scheme, scheme)
  })
}

test('X-Forwarded-Prefix changes nothing', () => {
  const headers = { ...forwarded, 'x-forwarded-prefix': '/public' }
  assert.deepEqual(read(headers), read(forwarded))
})

test('SEC-2: refuses a stranger and names the setting to mend', () => {
  assert.deepEqual(read(forwarded, stranger), {
    ok: false,
    message: `asked by ${stranger}, which is not in trusted_proxy_ips`,
  })
})

describe('refuses a check whose header is missing or doubled', () => {
  const broken: Readonly<Record<keyof typeof forwarded, readonly (string | undefined)[]>> = {
    'x-forwarded-method': [undefined, '', 'GET, POST', 'GET,POST', 'G T'],
    'x-forwarded-proto': [undefined, '', 'https, http', 'https,http', 'ftp', 'httpss'],
    'x-forwarded-host': [
      undefined,
      '',
      'a.example, b.example',
      'a.example,b.example',
      'user@a.example',
      'a.example/path',
      'a.example:',
      'a.example:port',
      'a b',
      'ex\u00e4mple',
    ],
    'x-forwarded-uri': [undefined, '', '*', 'a', '/a, /b', '@evil.example/', 'https://a.example/'],
  }
  for (const [name, values] of Object.entries(broken)) {
    for (const value of values) {
      test(`${name}: ${value ?? 'absent'}`, () => {
        const result = read({ ...forwarded, [name]: value })
        assert.ok(!result.ok)
        assert.ok(result.message.toLowerCase().startsWith(name), result.message)
        assert.match(result.message, /trustForwardHeader/)
      })
    }
  }
})

describe('answers', () => {
  const script = accepted(read(forwarded))
  const navigation = { ...script, canRedirect: true }

  test('a person who must sign in with an absolute Location', () => {
    const { headers, body } = front.answer(decisions.login, navigation, answerParts)
    assert.equal(headers['location'], 'https://app.example.com/oauth2/sign_in?rd=%2F')
    assert.equal(body, '')
  })

  test('a script with JSON', () => {
    const bodies = (['login', 'deny', 'unavailable'] as const).map(
      (outcome) => front.answer(decisions[outcome], script, answerParts).body,
    )
    assert.deepEqual(bodies, [
      '{"error":"unauthenticated"}',
      '{"error":"forbidden"}',
      '{"error":"unavailable"}',
    ])
  })

  test('a person with a page under its own policy', () => {
    const denied = front.answer(decisions.deny, navigation, answerParts)
    assert.equal(denied.body, '<!doctype html><p>why')
    assert.equal(denied.headers['content-security-policy'], "default-src 'none'")
    assert.equal(denied.headers['referrer-policy'], 'no-referrer')
    const unavailable = front.answer(decisions.unavailable, navigation, answerParts)
    assert.equal(unavailable.body, '<!doctype html><p>why')
    assert.ok(unavailable.headers['retry-after'])
  })
})
