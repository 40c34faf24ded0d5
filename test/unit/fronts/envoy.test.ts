import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createEnvoyFront } from '../../../src/fronts/envoy.ts'
import {
  accepted,
  answerParts,
  decisions,
  privateTrust,
  rawRequest,
  stranger,
} from '../../support/fronts.ts'

const front = createEnvoyFront({ trust: privateTrust(false), path: '/oauth2/check/envoy' })
const headers = { host: 'app.example.com', 'x-forwarded-proto': 'https' }

function read(url: string, changed: Readonly<Record<string, string | undefined>> = {}) {
  return front.read(rawRequest({ url, headers: { ...headers, ...changed } }))
}

function uriOf(url: string): string {
  return accepted(read(url)).uri
}

test('the path after the prefix is what is asked about, as it is', () => {
  for (const uri of ['/', '/?x', '//a/../b', '/oauth2/check/envoy/x', '/%2e%2e/a?b=c#d']) {
    assert.equal(uriOf(`/oauth2/check/envoy${uri}`), uri)
    assert.equal(uriOf(`/oauth2/check/envoy-with/allowed_groups=a${uri}`), uri)
  }
})

test('SEC-3: limits are never read from what a client asks for', () => {
  const { limits, uri } = accepted(read('/oauth2/check/envoy/allowed_groups=a/x?allowed_groups=b'))
  assert.equal(limits, undefined)
  assert.equal(uri, '/allowed_groups=a/x?allowed_groups=b')
})

test('limits are a segment of the prefix', () => {
  const { limits, uri } = accepted(
    read(
      '/oauth2/check/envoy-with/allowed_groups=a,b&allowed_emails=c%40d.example/x?allowed_groups=b',
    ),
  )
  assert.deepEqual(limits, { groups: ['a', 'b'], emails: ['c@d.example'], emailDomains: undefined })
  assert.equal(uri, '/x?allowed_groups=b')
})

describe('refuses, and names the setting to mend', () => {
  const refused: readonly (readonly [ReturnType<typeof read>, RegExp])[] = [
    [
      read('/oauth2/check/envoy/', { 'x-forwarded-proto': undefined }),
      /^X-Forwarded-Proto .*headersToExtAuth/,
    ],
    [read('/oauth2/check/envoy/', { host: 'a b' }), /^Host /],
    [read('/oauth2/check/envoy'), /pathPrefix/],
    [read('/oauth2/check/envoy-with/allowed_groups=a'), /pathPrefix/],
    [
      front.read(rawRequest({ url: '/oauth2/check/envoy/', headers, peer: stranger })),
      /trusted_proxy_ips/,
    ],
  ]
  for (const [result, message] of refused) {
    test(String(message), () => {
      assert.ok(!result.ok)
      assert.match(result.message, message)
    })
  }
})

test('SEC-6: an allow takes away every identity header that it does not set', () => {
  const request = accepted(read('/oauth2/check/envoy/'))
  const removed = (
    decision: typeof decisions.allow | typeof decisions.anonymous,
    parts = answerParts,
  ) => front.answer(decision, request, parts).headers['x-envoy-auth-headers-to-remove']
  assert.equal(removed(decisions.allow), 'x-auth-request-user')
  const nobody = { ...answerParts, identityHeaders: () => ({}) }
  assert.equal(removed(decisions.anonymous, nobody), 'x-auth-request-email,x-auth-request-user')
  assert.equal(
    front.answer(decisions.login, request, answerParts).headers['x-envoy-auth-headers-to-remove'],
    undefined,
  )
})
