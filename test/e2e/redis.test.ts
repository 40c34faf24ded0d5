import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventually, withinASecond } from '../support/eventually.ts'
import { startProxySite } from '../support/proxy-site.ts'
import { startRedis } from '../support/redis.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

test('SEC-48: a Redis that hangs is 503, and the same session goes on after it', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startProxySite(t, redisStore(redis.url))
  const agent = createUserAgent()
  await signIn(agent, site.url)
  redis.freeze()
  const page = await withinASecond(async () => {
    const visited = await agent.visit(site.url)
    assert.equal(visited.status, 503)
    return visited
  })
  assert.equal(page.headers['set-cookie'], undefined)
  assert.equal((await agent.request(`${site.url}/oauth2/auth`)).status, 503)
  redis.thaw()
  await eventually(async () => {
    assert.equal((await agent.request(`${site.url}/oauth2/auth`)).status, 202)
  })
})

test('SEC-48: a Redis that comes back empty means a new sign-in, without a restart', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startProxySite(t, redisStore(redis.url))
  const agent = createUserAgent()
  await signIn(agent, site.url)
  await redis.stop()
  await withinASecond(async () => {
    assert.equal((await agent.request(`${site.url}/oauth2/auth`)).status, 503)
  })
  await redis.restart()
  await eventually(async () => {
    assert.equal((await agent.request(`${site.url}/oauth2/auth`)).status, 401)
  })
  // The provider still knows the person: no form.
  const landed = await agent.visit(`${site.url}/again`)
  assert.equal(landed.url, `${site.url}/again`)
  assert.equal(landed.status, 200)
})

test('SEC-30: a sign-out ends copies of the cookie as well', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const site = await startProxySite(t, redisStore(redis.url))
  const agent = createUserAgent()
  await signIn(agent, site.url)
  const cookie = agent.cookies.header(new URL(site.url)) ?? ''
  const check = async (): Promise<number> =>
    (await createUserAgent().request(`${site.url}/oauth2/auth`, { headers: { cookie } })).status
  assert.equal(await check(), 202)
  await agent.request(`${site.url}/oauth2/sign_out`)
  assert.equal(await check(), 401)
})

function redisStore(url: string): Record<string, string> {
  return { session_store_type: 'redis', redis_connection_url: url }
}
