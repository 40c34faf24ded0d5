import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withinASecond } from '../../support/eventually.ts'
import { alice, bob, startProvider } from '../../support/provider.ts'
import { startRedis } from '../../support/redis.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'
import {
  check,
  redisStore,
  signedIn,
  startService,
  testEachStore,
  type Service,
} from './harness.ts'

const page = (agent: UserAgent, service: Service) => agent.visit(service.at('/oauth2/sessions'))

/** The hidden fields of each form of the page, in its order. */
function formsOf({ body }: Reply): readonly Readonly<Record<string, string>>[] {
  return [...body.matchAll(/<form[^]*?<\/form>/g)].map(([form]) =>
    Object.fromEntries(
      [...form.matchAll(/name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [
        name,
        value,
      ]),
    ),
  )
}

function post(agent: UserAgent, service: Service, fields: Readonly<Record<string, string>>) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const body = new URLSearchParams(fields).toString()
  return agent.request(service.at('/oauth2/sessions'), { method: 'POST', headers, body })
}

test('people see their own sessions, and sign out one or all others', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const provider = await startProvider(t)
  const service = await startService(t, provider, redisStore(redis.url))
  const replica = await startService(t, provider, redisStore(redis.url))
  const here = await signedIn(service)
  const others = [await signedIn(service), await signedIn(service), await signedIn(service)]
  const stranger = await signedIn(service, bob)

  const shown = await page(here, replica)
  assert.equal(shown.status, 200)
  assert.match(shown.body, /<strong>alice@example\.com<\/strong>/)
  assert.equal(shown.body.split('<li>').length - 1, 4)
  assert.equal(shown.body.split('This browser').length - 1, 1)
  assert.doesNotMatch(shown.body, /bob/)
  const [newest = {}, ...rest] = formsOf(shown)
  assert.equal(rest.length, 3, 'one for each other session, and one for all')
  const { csrf = '' } = newest
  assert.equal(new Set([newest, ...rest].map((form) => form['csrf'])).size, 1)

  const reply = await post(here, service, newest)
  assert.deepEqual([reply.status, reply.headers.location], [303, '/oauth2/sessions'])
  await withinASecond(async () => {
    assert.equal((await check(others[2]!, replica)).status, 401)
  })
  assert.equal((await check(others[0]!, replica)).status, 202)

  assert.equal((await post(here, replica, { csrf })).status, 303)
  await withinASecond(async () => {
    for (const other of others) assert.equal((await check(other, service)).status, 401)
  })
  assert.equal((await check(here, service)).status, 202)
  assert.equal((await check(stranger, service)).status, 202)
  assert.match((await page(here, service)).body, /You are signed in nowhere else/)
  const lines = [...service.logs(), ...replica.logs()].filter(
    ({ msg }) => msg === 'session-revoked',
  )
  assert.deepEqual(
    lines.map(({ by, user }) => [by, user]),
    Array.from({ length: 3 }, () => ['person', alice.sub]),
  )
})

test('SEC-25: nothing ends without the token of the page, or with that of somebody else', async (t) => {
  const provider = await startProvider(t)
  const service = await startService(t, provider, { session_store_type: 'memory' })
  const [here, other, stranger] = [
    await signedIn(service),
    await signedIn(service),
    await signedIn(service, bob),
  ]
  const [{ id: otherId = '', csrf = '' } = {}] = formsOf(await page(here, service))
  const [{ id: hereId = '', csrf: othersToken = '' } = {}] = formsOf(await page(other, service))
  assert.notEqual(csrf, othersToken)
  for (const forged of ['', 'x', othersToken, csrf.slice(1), `${csrf}A`]) {
    for (const fields of [{ csrf: forged }, { csrf: forged, id: otherId }]) {
      const reply = await post(here, service, fields)
      assert.equal(reply.status, 403)
      assert.match(reply.body, /Nothing was changed/)
    }
  }
  // A token in the address is none: links and images carry those.
  const url = service.at(`/oauth2/sessions?csrf=${csrf}&id=${otherId}`)
  assert.equal((await here.request(url, { method: 'POST' })).status, 403)
  assert.equal((await here.request(url)).status, 200)
  await withinASecond(async () => {
    assert.equal((await check(other, service)).status, 202)
  })

  // The session of another person, by its id, with the person's own good token.
  const [, second] = [await signedIn(service, bob), await page(stranger, service)]
  const [{ csrf: ofStranger = '' } = {}] = formsOf(second)
  for (const id of [otherId, hereId, '', 'no-such']) {
    assert.equal((await post(stranger, service, { csrf: ofStranger, id })).status, 303)
  }
  assert.ok(!service.logText().includes('session-revoked'))
  for (const agent of [here, other, stranger])
    assert.equal((await check(agent, service)).status, 202)
})

test('who is not signed in is sent to sign in and comes back', async (t) => {
  const provider = await startProvider(t)
  const service = await startService(t, provider, { session_store_type: 'memory' })
  const agent = await signedIn(service)
  await agent.request(service.at('/oauth2/sign_out'))
  const landed = await page(agent, service)
  assert.equal(landed.url, service.at('/oauth2/sessions'), landed.body)
  assert.equal(landed.status, 200)
  const nobody = createUserAgent()
  const reply = await post(nobody, service, { csrf: 'x' })
  assert.equal(reply.status, 403, 'a form leads to no other site')
  assert.match(reply.body, /You are signed out/)
  const asked = await startService(t, provider, { skip_provider_button: false })
  const button = await createUserAgent().visit(asked.at('/oauth2/sessions'))
  assert.equal(button.status, 403)
  assert.match(button.body, /rd=%2Foauth2%2Fsessions/)
})

testEachStore('a browser that calls itself markup is shown as text', async (t, store) => {
  const provider = await startProvider(t)
  const service = await startService(t, provider, store)
  const userAgent = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>`
  const agent = createUserAgent()
  const started = await agent.visit(service.at('/oauth2/start?rd=/app'))
  const landed = await agent.submit(started, { email: alice.email, password: alice.password })
  const hostile = createUserAgent()
  const form = await hostile.visit(service.at('/oauth2/start?rd=/app'))
  await hostile.submit(form, { email: alice.email, password: alice.password })
  assert.equal(landed.url, service.at('/app'))
  const again = await hostile.visit(service.at('/oauth2/start?rd=/app'), {
    headers: { 'user-agent': userAgent },
  })
  assert.equal(again.url, service.at('/app'))
  const shown = await page(hostile, service)
  assert.equal(shown.status, 200)
  assert.doesNotMatch(shown.body, /<script|<img/)
  assert.match(shown.body, /<strong>&#60;script&#62;alert\(1\)/)
  assert.match(shown.headers['content-security-policy'] as string, /form-action 'self'/)
  assert.match(shown.headers['cache-control'] ?? '', /no-store/)
  const isCookie = store['session_store_type'] === 'cookie'
  assert.equal(shown.body.includes('Other browsers cannot be listed here'), isCookie)
})
