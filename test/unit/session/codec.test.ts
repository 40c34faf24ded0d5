import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import type { Session } from '../../../src/core/session.ts'
import { decodeSession, encodeSession } from '../../../src/session/codec.ts'
import { someSession } from '../../support/sessions.ts'

const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }))
const time = fc.oneof(fc.constant(0), fc.nat({ max: 8.64e15 }))

const ordinary = { noNullPrototype: true } as const
const anySession: fc.Arbitrary<Session> = fc.record(
  {
    id: fc.string({ minLength: 1 }),
    identity: fc.record(
      { user: text, email: text, groups: fc.array(text), preferredUsername: text },
      ordinary,
    ),
    tokens: fc.record({ accessToken: text, idToken: text, refreshToken: text }, ordinary),
    providerSid: text,
    browser: fc.record({ address: text, userAgent: text }, ordinary),
    createdAt: time,
    generation: fc.nat(),
    refreshedAt: time,
    activeAt: time,
    expiresAt: time,
    tokenExpiresAt: time,
    idTokenExpiresAt: time,
  },
  ordinary,
)

const complete = {
  i: 'id',
  u: 'user',
  e: 'email',
  g: ['group'],
  p: 'preferred',
  at: 'access',
  it: 'identity',
  rt: 'refresh',
  s: 'provider-session',
  ba: '203.0.113.7',
  ua: 'Mozilla/5.0',
  c: 1,
  n: 7,
  r: 2,
  x: 3,
  tx: 4,
  ix: 5,
  a: 6,
}

function plain(value: unknown): Buffer {
  return Buffer.concat([Uint8Array.of(1, 0), Buffer.from(JSON.stringify(value))])
}

test('any session comes back as it went', () => {
  fc.assert(
    fc.property(anySession, (session) => {
      for (const isForCookie of [true, false]) {
        assert.deepEqual(decodeSession(encodeSession(session, isForCookie)), session)
      }
    }),
  )
})

test('reads the documented shape', () => {
  assert.deepEqual(decodeSession(plain(complete)), {
    id: 'id',
    identity: { user: 'user', email: 'email', groups: ['group'], preferredUsername: 'preferred' },
    tokens: { accessToken: 'access', idToken: 'identity', refreshToken: 'refresh' },
    providerSid: 'provider-session',
    browser: { address: '203.0.113.7', userAgent: 'Mozilla/5.0' },
    createdAt: 1,
    generation: 7,
    refreshedAt: 2,
    activeAt: 6,
    expiresAt: 3,
    tokenExpiresAt: 4,
    idTokenExpiresAt: 5,
  })
})

test('writes the documented shape, without what is empty', () => {
  const written = encodeSession(
    someSession({
      tokens: { accessToken: '', idToken: '', refreshToken: '' },
      providerSid: '',
      browser: { address: '', userAgent: '' },
    }),
    true,
  )
  const [format, encoding, ...body] = written
  assert.deepEqual([format, encoding], [1, 1])
  const packed: unknown = JSON.parse(inflateRawSync(Buffer.from(body)).toString())
  const { id, identity, createdAt } = someSession()
  assert.deepEqual(packed, {
    i: id,
    u: identity.user,
    e: identity.email,
    g: identity.groups,
    p: identity.preferredUsername,
    c: createdAt,
    r: createdAt,
  })
})

test('deflates only what gets shorter', () => {
  const tiny = someSession({
    id: 'x',
    identity: { user: '', email: '', groups: [], preferredUsername: '' },
    tokens: { accessToken: '', idToken: '', refreshToken: '' },
    providerSid: '',
    browser: { address: '', userAgent: '' },
    createdAt: 1,
    refreshedAt: 2,
    activeAt: 2,
  })
  assert.deepEqual([...encodeSession(tiny, true).subarray(0, 2)], [1, 0])
  const accessToken = 'ab'.repeat(5_000)
  const tokens = { accessToken, idToken: '', refreshToken: '' }
  const written = encodeSession(someSession({ tokens }), true)
  assert.equal(written[1], 1)
  assert.ok(written.length < 1_000)
  assert.equal(encodeSession(someSession({ tokens }), false)[1], 0, 'not for a store')
})

// A rolling update: replicas of the version before and of this one read each other's sessions.

test('opens a session of the version before, which had fewer fields', () => {
  const { n: _n, ix: _ix, a: _a, s: _s, ba: _ba, ua: _ua, ...before } = complete
  const session = decodeSession(plain(before))
  assert.ok(session)
  const { generation, idTokenExpiresAt, activeAt, refreshedAt } = session
  assert.deepEqual({ generation, idTokenExpiresAt }, { generation: 0, idTokenExpiresAt: 0 })
  assert.equal(activeAt, refreshedAt, 'somebody was there when it was refreshed')
})

test('the version before opens what is written now: it only added fields', () => {
  const written = encodeSession(someSession({ generation: 7, activeAt: 9, expiresAt: 8 }), false)
  assert.deepEqual([...written.subarray(0, 2)], [1, 0])
  const packed = JSON.parse(written.subarray(2).toString()) as Record<string, unknown>
  const isTextOrAbsent = (field: string) => ['string', 'undefined'].includes(typeof packed[field])
  assert.ok(['i', 'u', 'e', 'p', 'at', 'it', 'rt'].every(isTextOrAbsent))
  assert.ok(Array.isArray(packed['g']))
  for (const field of ['c', 'r', 'x']) assert.ok(Number(packed[field]) >= 0, field)
})

test('passes over fields that it does not know', () => {
  assert.deepEqual(decodeSession(plain({ ...complete, zz: [1] })), decodeSession(plain(complete)))
})

const wrongFields: readonly (readonly [field: keyof typeof complete, ...values: unknown[]])[] = [
  ['i', undefined, '', 1, null],
  ['u', 1, null, ['user']],
  ['e', false, null, {}],
  ['g', 'group', null, [1], ['a', null], { length: 0 }],
  ['p', 1, null],
  ['at', 1, null],
  ['it', {}, null],
  ['rt', [], null],
  ['s', 1, null],
  ['ba', 1, null],
  ['ua', {}, null],
  ['c', undefined, '1', null, -1, true],
  ['r', undefined, '2', null, -1],
  ['x', '3', null, -1],
  ['tx', '4', null, -0.5],
  ['n', '7', null, -1],
  ['ix', '5', null, -1],
  ['a', '6', null, -1],
]

for (const [field, ...values] of wrongFields) {
  test(`SEC-28: refuses a session whose '${field}' is of a wrong kind`, () => {
    for (const value of values) {
      assert.equal(decodeSession(plain({ ...complete, [field]: value })), undefined)
    }
  })
}

test('SEC-28: refuses other formats, encodings and shapes', () => {
  const json = Buffer.from(JSON.stringify(complete))
  const refused = [
    Buffer.alloc(0),
    Buffer.of(1),
    Buffer.of(1, 0),
    Buffer.of(1, 1),
    Buffer.concat([Uint8Array.of(0, 0), json]),
    Buffer.concat([Uint8Array.of(2, 0), json]),
    Buffer.concat([Uint8Array.of(1, 2), json]),
    Buffer.concat([Uint8Array.of(1, 1), json]),
    Buffer.concat([Uint8Array.of(1, 0), deflateRawSync(json)]),
    Buffer.concat([Uint8Array.of(1, 0), json.subarray(0, -1)]),
    ...[null, 1, 'text', [], [complete], {}].map(plain),
    json,
  ]
  for (const bytes of refused) assert.equal(decodeSession(bytes), undefined)
})

test('SEC-28: any bytes at all give a session or nothing, never a throw', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.integer({ min: 0, max: 1 }),
      (bytes, kind) => {
        for (const input of [bytes, Uint8Array.of(1, kind, ...bytes)]) {
          assert.equal(decodeSession(input), undefined)
        }
      },
    ),
  )
})

test('SEC-28: what inflates beyond the limit is refused', () => {
  const bomb = deflateRawSync(
    Buffer.from(JSON.stringify({ ...complete, zz: 'x'.repeat(50_000_000) })),
  )
  assert.ok(bomb.length < 50_000)
  assert.equal(decodeSession(Buffer.concat([Uint8Array.of(1, 1), bomb])), undefined)
  assert.equal(decodeSession(plain({ ...complete, zz: 'x'.repeat(300_000) })), undefined)
})

test('a session that no reader would accept is not written', () => {
  const accessToken = randomBytes(200_000).toString('base64url')
  const tokens = { accessToken, idToken: '', refreshToken: '' }
  assert.throws(() => encodeSession(someSession({ tokens }), true), RangeError)
})
