// The admin listener, and every answer held to docs/reference/admin-api.openapi.json.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Clock } from '../../../src/lib/clock.ts'
import { fakeClock } from '../../support/clock.ts'
import { eventually, withinASecond } from '../../support/eventually.ts'
import { freePort } from '../../support/process.ts'
import { alice, bob, startProvider } from '../../support/provider.ts'
import { startRedis } from '../../support/redis.ts'
import { createUserAgent, type Reply } from '../../support/user-agent.ts'
import { check, redisStore, signedIn, startService, type Settings } from './harness.ts'

const adminToken = 'admin-token-of-32-characters-xxx'
const authorization = `Bearer ${adminToken}`

interface Operation {
  readonly responses: Readonly<Record<string, object>>
}
interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}
const file = new URL('../../../docs/reference/admin-api.openapi.json', import.meta.url)
const described = JSON.parse(readFileSync(file, 'utf8')) as Described
const ajv = new Ajv2020({ strict: false }).addSchema(described, 'api')

/** Fails unless the file describes this answer, status and body. */
function assertDescribed(method: string, url: string, { status, body }: Reply): void {
  const path = url.replace(/\?.*/s, '').replace(/\/sessions\/.+/, '/sessions/{id}')
  const operation = described.paths[path]?.[method.toLowerCase()]
  assert.ok(operation?.responses[status], `${method} ${path} ${status} is not described`)
  const pointer = [path, method.toLowerCase(), 'responses', status, 'content', 'application/json']
    .map((part) => encodeURIComponent(String(part).replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/')
  const validate = ajv.compile({ $ref: `api#/paths/${pointer}/schema` })
  assert.ok(validate(JSON.parse(body)), `${body} ${JSON.stringify(validate.errors)}`)
}

async function startSite(
  t: TestContext,
  settings: Settings = { session_store_type: 'memory' },
  clock?: Clock,
) {
  const port = await freePort()
  const provider = await startProvider(t)
  const service = await startService(
    t,
    provider,
    { admin_address: `127.0.0.1:${port}`, admin_token: adminToken, ...settings },
    clock,
  )
  async function raw(method: string, path: string, headers: Readonly<Record<string, string>>) {
    return createUserAgent().request(`http://127.0.0.1:${port}${path}`, { method, headers })
  }
  async function ask(method: string, path: string): Promise<Reply> {
    const reply = await raw(method, path, { authorization })
    assertDescribed(method, path, reply)
    assert.equal(reply.headers['content-type'], 'application/json')
    assert.equal(reply.headers['cache-control'], 'no-store')
    return reply
  }
  return { service, provider, raw, ask }
}

interface Listed {
  readonly total: number
  readonly sessions: readonly Readonly<Record<string, string>>[]
}
const listed = ({ body }: Reply) => JSON.parse(body) as Listed
const ended = ({ body }: Reply) => (JSON.parse(body) as { ended: readonly string[] }).ended

test('lists and shows sessions', async (t) => {
  const { service, ask } = await startSite(t)
  await signedIn(service)
  await signedIn(service)
  await signedIn(service, bob)
  const all = listed(await ask('GET', '/sessions'))
  assert.equal(all.total, 3)
  assert.deepEqual(
    all.sessions.map(({ user }) => user),
    [bob.sub, alice.sub, alice.sub],
  )
  assert.equal(all.sessions[0]?.['address'], '127.0.0.1')
  for (const [query, count] of [
    [`?user=${alice.sub}`, 2],
    ['?user=ALICE%40example.com', 2],
    ['?user=', 0],
    ['?sid=no-such', 0],
    ['?limit=10000', 3],
  ] as const) {
    assert.equal(listed(await ask('GET', `/sessions${query}`)).sessions.length, count, query)
  }
  const first = listed(await ask('GET', '/sessions?limit=1'))
  assert.deepEqual([first.total, first.sessions.length], [3, 1])
  const id = first.sessions[0]?.['id'] ?? ''
  assert.deepEqual(JSON.parse((await ask('GET', `/sessions/${id}`)).body), first.sessions[0])
})

test('SEC-30: ends sessions on every replica within a second, and the audit log says who did', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { service, provider, ask } = await startSite(t, redisStore(redis.url))
  const replica = await startService(t, provider, redisStore(redis.url))
  const [one, two, other] = [
    await signedIn(service),
    await signedIn(replica),
    await signedIn(replica, bob),
  ]
  const { sessions } = listed(await ask('GET', `/sessions?user=${alice.sub}`))
  const id = sessions[1]?.['id'] ?? ''
  for (const agent of [one, two, other]) {
    for (let count = 0; count < 2; count += 1) await check(agent, replica)
  }
  assert.deepEqual(ended(await ask('DELETE', `/sessions/${id}`)), [id])
  await withinASecond(async () => {
    assert.equal((await check(one, replica)).status, 401)
  })
  assert.equal((await check(two, replica)).status, 202)
  assert.equal((await ask('DELETE', `/sessions/${id}`)).status, 404, 'once')
  assert.equal((await ask('GET', `/sessions/${id}`)).status, 404)
  assert.equal(ended(await ask('DELETE', '/sessions?user=alice%40example.com')).length, 1)
  assert.equal(ended(await ask('DELETE', '/sessions?all=true')).length, 1)
  await withinASecond(async () => {
    for (const agent of [two, other]) assert.equal((await check(agent, replica)).status, 401)
  })
  const lines = service.logs().filter(({ msg }) => msg === 'session-revoked')
  assert.deepEqual(
    lines.map(({ by, user, clientIp }) => [by, user, clientIp]),
    [alice.sub, alice.sub, bob.sub].map((user) => ['operator', user, '127.0.0.1']),
  )
})

test('refuses what it cannot mean, and never ends all without being told so', async (t) => {
  const { service, raw, ask } = await startSite(t)
  const agent = await signedIn(service)
  for (const [method, path] of [
    ['DELETE', '/sessions'],
    ['DELETE', '/sessions?all=false'],
    ['DELETE', '/sessions?all=true&user=x'],
    ['DELETE', '/sessions?user=x&user=y'],
    ['GET', '/sessions?user=x&sid=y'],
    ['GET', '/sessions?limit=0'],
    ['GET', '/sessions?limit=10001'],
    ['GET', '/sessions?limit=all'],
  ] as const) {
    assert.equal((await ask(method, path)).status, 400, path)
  }
  assert.deepEqual(ended(await ask('DELETE', '/sessions?user=')), [])
  for (const path of [
    '/',
    '/sessions/',
    '/sessions/a/b',
    '/sessions/..',
    '/metrics',
    '/oauth2/auth',
  ]) {
    assert.equal((await raw('GET', path, { authorization })).status, 404, path)
  }
  for (const method of ['POST', 'PUT', 'HEAD', 'OPTIONS']) {
    const reply = await raw(method, '/sessions', { authorization })
    assert.deepEqual([reply.status, reply.headers.allow], [405, 'GET, DELETE'])
  }
  assert.equal((await check(agent, service)).status, 202)
})

test('SEC-41: nothing without the token, and nothing of it on the public listener', async (t) => {
  const { service, raw } = await startSite(t)
  const agent = await signedIn(service)
  for (const wrong of [
    {},
    { authorization: '' },
    { authorization: 'Bearer' },
    { authorization: 'Bearer ' },
    { authorization: `Bearer ${adminToken}x` },
    { authorization: `Bearer ${adminToken.slice(1)}` },
    { authorization: `Basic ${adminToken}` },
    { authorization: adminToken },
    { authorization: `Bearer ${adminToken} ${adminToken}` },
    { cookie: `admin_token=${adminToken}` },
  ]) {
    for (const [method, path] of [
      ['GET', '/sessions'],
      ['GET', '/no-such'],
      ['DELETE', '/sessions?all=true'],
    ] as const) {
      const reply = await raw(method, path, wrong)
      assert.equal(reply.status, 401, JSON.stringify(wrong))
      assert.match(reply.headers['www-authenticate'] ?? '', /^Bearer /)
      if (path !== '/no-such') assertDescribed(method, path, reply)
    }
  }
  assert.equal(
    (await raw('GET', '/sessions', { authorization: `bearer  ${adminToken}` })).status,
    200,
  )
  const headers = { authorization }
  for (const path of ['/sessions', '/oauth2/sessions', '/oauth2/admin/sessions']) {
    const reply = await createUserAgent().request(service.at(path), { headers })
    assert.ok(!reply.body.includes(alice.sub), path)
    assert.notEqual(reply.headers['content-type'], 'application/json')
  }
  assert.equal((await check(agent, service)).status, 202)
  assert.ok(!service.logText().includes(adminToken))
})

test('SEC-40: an address that tries many tokens has to wait, with the right one, too', async (t) => {
  const clock = fakeClock()
  const { service, raw, ask } = await startSite(t, { session_store_type: 'memory' }, clock)
  const guess = () => raw('GET', '/sessions', { authorization: `Bearer ${adminToken}x` })
  for (let count = 0; count < 100; count += 1) {
    assert.equal((await ask('GET', '/sessions')).status, 200, 'good requests do not count')
    assert.equal((await guess()).status, 401)
  }
  for (const reply of [await guess(), await ask('GET', '/sessions')]) {
    assert.deepEqual([reply.status, reply.headers['retry-after']], [429, '1'])
  }
  const refused = service.logs().filter(({ msg }) => msg === 'admin request refused')
  assert.equal(refused.length, 100, 'and the log is not flooded')
  clock.advance(1_000)
  assert.equal((await ask('GET', '/sessions')).status, 200)
})

test('SEC-48: while Redis hangs the answer is 503, not an empty list', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const { service, ask } = await startSite(t, { ...redisStore(redis.url), store_timeout: '1s' })
  const agent = await signedIn(service)
  redis.freeze()
  for (const [method, path] of [
    ['GET', '/sessions'],
    ['GET', '/sessions/some-id'],
    ['DELETE', '/sessions?all=true'],
  ] as const) {
    assert.equal((await ask(method, path)).status, 503)
  }
  redis.thaw()
  await eventually(async () => {
    assert.equal(listed(await ask('GET', '/sessions')).total, 1)
  })
  assert.equal((await check(agent, service)).status, 202)
})

test('with a Redis besides, sessions in cookies are revoked unseen', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const settings = { session_store_type: 'cookie', redis_connection_url: redis.url }
  const { service, ask } = await startSite(t, settings)
  const [agent, other] = [await signedIn(service), await signedIn(service, bob)]
  await eventually(async () => {
    assert.equal((await check(agent, service)).status, 202)
  })
  const reply = await ask('DELETE', '/sessions?user=alice%40example.com')
  assert.deepEqual([reply.status, ended(reply)], [202, []])
  const line = service.logs().find(({ msg }) => msg === 'session-revoked')
  assert.deepEqual([line?.['by'], line?.['user']], ['operator', 'alice@example.com'])
  assert.equal((await check(agent, service)).status, 401)
  assert.equal((await check(other, service)).status, 202)
  assert.equal((await ask('GET', '/sessions')).status, 501)
  const nobody = await signedIn(service)
  assert.equal((await check(nobody, service)).status, 202, 'a new sign-in counts')
})

test('says that sessions in cookies cannot be listed', async (t) => {
  const { ask } = await startSite(t, { session_store_type: 'cookie' })
  for (const method of ['GET', 'DELETE']) {
    const reply = await ask(method, '/sessions?user=x')
    assert.equal(reply.status, 501)
    assert.match(reply.body, /session_store_type is cookie/)
  }
})
