import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret } from '../../../../src/lib/secret.ts'
import { parseRedisServer } from '../../../../src/session/stores/redis-server.ts'
import { temporaryFolder } from '../../../support/process.ts'
import { sessionOptions } from '../../../support/session-options.ts'

function parse(url: string, changes: Parameters<typeof sessionOptions>[0] = {}) {
  return parseRedisServer(sessionOptions({ redis_connection_url: url, ...changes }))
}

const urls: readonly (readonly [url: string, server: object])[] = [
  ['redis://cache', { host: 'cache', port: 6379, db: 0 }],
  ['redis://cache:6380/3', { host: 'cache', port: 6380, db: 3 }],
  ['redis://cache/?db=4&dial_timeout=5s', { host: 'cache', port: 6379, db: 4 }],
  ['redis://', { host: 'localhost', port: 6379, db: 0 }],
  ['redis://[2001:db8::1]:7000', { host: '2001:db8::1', port: 7000, db: 0 }],
  ['redis://ada@cache', { host: 'cache', port: 6379, db: 0, username: 'ada' }],
  ['redis://:p%40ss@cache', { host: 'cache', port: 6379, db: 0, password: 'p@ss' }],
  [
    'redis://a%2Fb:p%3As@cache',
    { host: 'cache', port: 6379, db: 0, username: 'a/b', password: 'p:s' },
  ],
  ['unix:///run/redis/redis.sock', { path: '/run/redis/redis.sock', db: 0 }],
  [
    'unix://ada:pass@/run/my%20redis.sock?db=2',
    { path: '/run/my redis.sock', db: 2, username: 'ada', password: 'pass' },
  ],
]

for (const [url, server] of urls) {
  test(`reads ${url}`, () => {
    assert.deepEqual(parse(url), server)
  })
}

test('options override the credentials of the URL', () => {
  const changes = { redis_username: 'bob', redis_password: new Secret('other') }
  const { username, password } = parse('redis://ada:pass@cache', changes)
  assert.deepEqual([username, password], ['bob', 'other'])
})

test('TLS is on for rediss, and verifies name and chain', () => {
  assert.deepEqual(parse('rediss://cache').tls, { servername: 'cache', rejectUnauthorized: true })
  assert.deepEqual(parse('rediss://10.0.0.1').tls, { rejectUnauthorized: true })
  assert.deepEqual(parse('rediss://[2001:db8::1]').tls, { rejectUnauthorized: true })
})

test('TLS is on when verification is off', () => {
  const { tls } = parse('redis://cache', { redis_insecure_skip_tls_verify: true })
  assert.deepEqual(tls, { servername: 'cache', rejectUnauthorized: false })
})

const refused = [
  '',
  'cache:6379',
  'http://ada:topsecret@cache',
  'redis://ada:topsecret@cache:99999',
  'redis://ada:topsecret@cache/first',
  'redis://ada:topsecret@cache/-1',
  'redis://ada:topsecret%zz@cache',
  'topsecret',
]

for (const url of refused) {
  test(`SEC-33: refuses '${url}' without repeating it`, () => {
    assert.throws(
      () => parse(url),
      (error) =>
        error instanceof Error &&
        error.message.includes('redis_connection_url') &&
        !`${error.stack} ${String(error.cause)}`.includes('topsecret'),
    )
  })
}

test('refuses a CA file that is missing or holds no certificate', (t) => {
  const file = join(temporaryFolder(t), 'ca.pem')
  assert.throws(() => parse('redis://cache', { redis_ca_path: file }), /ENOENT/)
  writeFileSync(file, 'not a certificate')
  assert.throws(() => parse('redis://cache', { redis_ca_path: file }), /holds no PEM certificate/)
})
