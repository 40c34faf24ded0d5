import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Secret } from '../../../../src/lib/secret.ts'
import {
  parseRedisServer,
  redisCredentials,
  sentinelCredentials,
} from '../../../../src/session/stores/redis-server.ts'
import { temporaryFolder } from '../../../support/process.ts'
import { sessionOptions } from '../../../support/session-options.ts'

function parse(url: string, changes: Parameters<typeof sessionOptions>[0] = {}) {
  return parseRedisServer(sessionOptions({ redis_connection_url: url, ...changes }))
}

function credentials(url: string, changes: Parameters<typeof sessionOptions>[0] = {}) {
  return redisCredentials(sessionOptions({ redis_connection_url: url, ...changes }))
}

const at = (host: string, port = 6379, db = 0) => ({ address: { host, port }, db })

const urls: readonly (readonly [url: string, server: object, credentials?: object])[] = [
  ['redis://cache', at('cache')],
  ['redis://cache:6380/3', at('cache', 6380, 3)],
  ['redis://cache/?db=4&dial_timeout=5s', at('cache', 6379, 4)],
  ['redis://', at('localhost')],
  ['redis://[2001:db8::1]:7000', at('2001:db8::1', 7000)],
  ['redis://ada@cache', at('cache'), { username: 'ada' }],
  ['redis://:p%40ss@cache', at('cache'), { password: 'p@ss' }],
  ['redis://a%2Fb:p%3As@cache', at('cache'), { username: 'a/b', password: 'p:s' }],
  ['unix:///run/redis/redis.sock', { address: { path: '/run/redis/redis.sock' }, db: 0 }],
  [
    'unix://ada:pass@/run/my%20redis.sock?db=2',
    { address: { path: '/run/my redis.sock' }, db: 2 },
    { username: 'ada', password: 'pass' },
  ],
]

for (const [url, server, secrets = {}] of urls) {
  test(`reads ${url}`, () => {
    assert.deepEqual(parse(url), { kind: 'single', ...server })
    assert.deepEqual(credentials(url), secrets)
  })
}

test('options override the credentials of the URL', () => {
  const changes = { redis_username: 'bob', redis_password: new Secret('other') }
  assert.deepEqual(credentials('redis://ada:pass@cache', changes), {
    username: 'bob',
    password: 'other',
  })
})

test('TLS is on for rediss, and verifies name and chain', () => {
  assert.deepEqual(parse('rediss://cache').tls, {
    servername: 'cache',
    rejectUnauthorized: true,
  })
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

const sentinels = {
  redis_use_sentinel: true,
  redis_sentinel_master_name: 'sessions',
  redis_sentinel_connection_urls: ['redis://one', 'redis://ada:pass@two:26380/3'],
}

test('the last URL of the Sentinels says what holds for the server', () => {
  assert.deepEqual(parse('', sentinels), {
    kind: 'sentinel',
    sentinels: [
      { host: 'one', port: 26379 },
      { host: 'two', port: 26380 },
    ],
    masterName: 'sessions',
    db: 3,
  })
  assert.deepEqual(credentials('', sentinels), { username: 'ada', password: 'pass' })
  assert.deepEqual(sentinelCredentials(sessionOptions(sentinels)), {})
})

test('the Sentinels have credentials of their own, and TLS when the server has', () => {
  const changes = {
    ...sentinels,
    redis_sentinel_connection_urls: ['rediss://one'],
    redis_sentinel_username: 'watcher',
    redis_sentinel_password: new Secret('word'),
    redis_password: new Secret('pass'),
  }
  assert.deepEqual(parse('', changes).tls, { rejectUnauthorized: true })
  assert.deepEqual(sentinelCredentials(sessionOptions(changes)), {
    username: 'watcher',
    password: 'word',
  })
  assert.deepEqual(credentials('', changes), { password: 'pass' })
})

test('the last URL of a cluster says what holds for all its nodes', () => {
  const redis_cluster_connection_urls = ['redis://one', 'redis://:pass@two:7000']
  const changes = { redis_use_cluster: true, redis_cluster_connection_urls }
  assert.deepEqual(parse('', changes), {
    kind: 'cluster',
    nodes: [
      { host: 'one', port: 6379 },
      { host: 'two', port: 7000 },
    ],
  })
  assert.deepEqual(credentials('', changes), { password: 'pass' })
})

const useless = [
  [{ redis_use_sentinel: true }, /redis_sentinel_connection_urls is empty/],
  [{ redis_use_cluster: true }, /redis_cluster_connection_urls is empty/],
  [
    { redis_use_cluster: true, redis_cluster_connection_urls: ['redis://one/2'] },
    /a cluster has database 0 only/,
  ],
  [{ ...sentinels, redis_sentinel_connection_urls: ['unix:///run/redis.sock'] }, /takes hosts/],
  [
    { ...sentinels, redis_sentinel_connection_urls: ['redis://:topsecret%@one'] },
    /^redis_sentinel_connection_urls holds a %/,
  ],
] as const

for (const [changes, message] of useless) {
  test(`refuses what leads nowhere: ${message}`, () => {
    assert.throws(
      () => parse('', changes),
      ({ message: said }: Error) => message.test(said),
    )
  })
}
