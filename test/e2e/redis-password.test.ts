// Passwords of Redis and of the admin listener, in files that change while the service runs.
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../support/eventually.ts'
import { freePort, temporaryFolder } from '../support/process.ts'
import { startProxySite } from '../support/proxy-site.ts'
import { startRedis } from '../support/redis.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

const [firstToken, secondToken] = ['a'.repeat(32), 'b'.repeat(32)]

test('SEC-48: a password that changes in Redis and in its file ends no session, without a restart', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const client = await redis.client()
  const folder = temporaryFolder(t)
  const [passwordPath, tokenPath] = [join(folder, 'password'), join(folder, 'token')]
  // As Kubernetes does: whole at once.
  const write = (path: string, content: string) => {
    writeFileSync(`${path}.new`, `${content}\n`)
    renameSync(`${path}.new`, path)
  }
  write(passwordPath, 'first')
  write(tokenPath, firstToken)
  await client.call('ACL', 'SETUSER', 'sallyport', 'on', '>first', '~*', '&*', '+@all')
  const adminPort = await freePort()
  const { url, running } = await startProxySite(t, {
    session_store_type: 'redis',
    redis_connection_url: redis.url,
    redis_username: 'sallyport',
    redis_password_file: passwordPath,
    admin_address: `127.0.0.1:${adminPort}`,
    admin_token_file: tokenPath,
  })
  const agent = createUserAgent()
  await signIn(agent, url)
  const cookie = agent.cookies.header(new URL(url))
  const status = async () => (await agent.request(`${url}/oauth2/auth`)).status
  const closeConnections = () => client.call('CLIENT', 'KILL', 'USER', 'sallyport')
  const reloads = () => running.logs().filter(({ msg }) => msg === 'redis_password reloaded').length

  // In the wrong order: Redis first.
  await client.call('ACL', 'SETUSER', 'sallyport', '>second', '<first')
  await closeConnections()
  await eventually(async () => assert.equal(await status(), 503))
  write(passwordPath, 'second')
  await eventually(async () => assert.equal(await status(), 202))
  assert.equal(reloads(), 1)

  // In the right one: both count for a while, and nobody notices.
  await client.call('ACL', 'SETUSER', 'sallyport', '>third')
  write(passwordPath, 'third')
  await eventually(() => assert.equal(reloads(), 2))
  await client.call('ACL', 'SETUSER', 'sallyport', '<second')
  assert.equal(await status(), 202)
  await closeConnections()
  await eventually(async () => {
    const users = String(await client.client('LIST')).match(/user=sallyport/g) ?? []
    assert.equal(users.length, 2, 'commands and changes')
    assert.equal(await status(), 202)
  })
  assert.equal(agent.cookies.header(new URL(url)), cookie)

  const admin = async (token: string) => {
    const headers = { authorization: `Bearer ${token}` }
    const reply = await createUserAgent().request(`http://127.0.0.1:${adminPort}/sessions`, {
      headers,
    })
    return reply.status
  }
  assert.equal(await admin(firstToken), 200)
  write(tokenPath, 'too short')
  await running.line(/admin_token kept as it was/)
  assert.equal(await admin(firstToken), 200)
  write(tokenPath, secondToken)
  await eventually(async () => assert.equal(await admin(secondToken), 200))
  assert.equal(await admin(firstToken), 401)
  const log = JSON.stringify(running.logs())
  assert.doesNotMatch(log, new RegExp(`first|second|third|${firstToken}|${secondToken}`))
})
