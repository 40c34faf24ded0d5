import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  createEnvoyGrpcFront,
  type EnvoyAttributes,
  type EnvoyCheck,
} from '../../../src/fronts/envoy-grpc.ts'
import {
  accepted,
  answerParts,
  decisions,
  privateTrust,
  rawRequest,
  stranger,
} from '../../support/fronts.ts'

const front = createEnvoyGrpcFront({ trust: privateTrust(false) })
const attributes: EnvoyAttributes = {
  method: 'POST',
  scheme: 'http',
  host: 'app.example.com',
  path: '/a?b',
  source: '203.0.113.5',
  extensions: {},
}

function asked(
  said: Partial<EnvoyAttributes>,
  parts: Parameters<typeof rawRequest>[0] = {},
): EnvoyCheck {
  return { ...rawRequest(parts), attributes: { ...attributes, ...said } }
}

test('needs no reverse_proxy', () => {
  const { method, scheme, host, uri, clientIp } = accepted(front.read(asked({})))
  assert.deepEqual(
    { method, scheme, host, uri, clientIp },
    {
      method: 'POST',
      scheme: 'http',
      host: 'app.example.com',
      uri: '/a?b',
      clientIp: '203.0.113.5',
    },
  )
})

test('the scheme is the one before Envoy', () => {
  const headers = { 'x-forwarded-proto': 'https' }
  assert.equal(accepted(front.read(asked({}, { headers }))).scheme, 'https')
  assert.equal(accepted(front.read(asked({ scheme: 'https' }))).scheme, 'https')
  const unreadable = { 'x-forwarded-proto': 'https, http' }
  assert.equal(front.read(asked({}, { headers: unreadable })).ok, false)
})

describe('refuses, and says what is wrong', () => {
  const cases: readonly (readonly [Partial<EnvoyAttributes>, RegExp])[] = [
    [{ method: '' }, /^method is missing/],
    [{ scheme: 'gopher' }, /^scheme is missing/],
    [{ host: 'a b' }, /^host is missing/],
    [{ path: '*' }, /^path is missing/],
    [{ path: 'https://other.example/' }, /^path is missing/],
    [
      { extensions: { allowed_group: 'admin' } },
      /^allowed_group of the check limits nothing: use allowed_groups/,
    ],
    [
      { extensions: { allowed_email: 'a@b.example' } },
      /^allowed_email of the check limits nothing/,
    ],
  ]
  for (const [said, message] of cases) {
    test(JSON.stringify(said), () => {
      const read = front.read(asked(said))
      assert.ok(!read.ok)
      assert.match(read.message, message)
    })
  }

  test('a stranger', () => {
    const read = front.read(asked({}, { peer: stranger }))
    assert.ok(!read.ok)
    assert.match(read.message, /203\.0\.113\.9, which is not in trusted_proxy_ips/)
  })
})

test('limits come from context_extensions, other keys are of no interest', () => {
  const extensions = { allowed_groups: 'a, b', allowed_emails: '', virtual_host: 'app' }
  assert.deepEqual(accepted(front.read(asked({ extensions }))).limits, {
    groups: ['a', 'b'],
    emails: undefined,
    emailDomains: undefined,
  })
})

test('an allow carries the identity and nothing for the browser', () => {
  const request = accepted(front.read(asked({})))
  assert.deepEqual(front.answer(decisions.allow, request, answerParts), {
    status: 200,
    headers: { 'x-auth-request-email': 'alice@example.com' },
    cookies: decisions.allow.cookies,
    body: '',
  })
})
