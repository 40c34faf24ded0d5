// Bodies are the apps': whatever their type, we pass them on unread, and read forms of the portal only.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { eventually } from '../../support/eventually.ts'
import { startProvider } from '../../support/provider.ts'
import { startSampleApp } from '../../support/sample-app.ts'
import { createUserAgent } from '../../support/user-agent.ts'
import { signedIn, startService } from './harness.ts'

const form = 'application/x-www-form-urlencoded'

test('a body of any type, or of none, reaches the app', async (t) => {
  const app = await startSampleApp(t)
  const service = await startService(t, await startProvider(t), { upstreams: [`${app.url}/`] })
  const agent = await signedIn(service)
  for (const method of ['POST', 'PUT', 'DELETE', 'PROPFIND', 'QUERY']) {
    for (const type of ['none at all', '', 'text/plain; charset', form]) {
      const headers = { 'content-type': type, 'content-length': '7' }
      const reply = await agent.request(service.at('/save'), { method, headers, body: 'a=b&c=d' })
      assert.equal(reply.status, 200, `${method} ${type}`)
      assert.partialDeepStrictEqual(app.requests.at(-1), { method, body: 'a=b&c=d' })
    }
  }
})

test('the portal reads forms, and what is no form as nothing', async (t) => {
  const service = await startService(t, await startProvider(t), { provider_logout: false })
  const agent = createUserAgent()
  for (const [type, location] of [
    [form, '/bye'],
    [`${form.toUpperCase()} ; charset=utf-8`, '/bye'],
    ['none at all', service.at('/oauth2/signed_out')],
    ['text/plain', service.at('/oauth2/signed_out')],
  ] as const) {
    const headers = { 'content-type': type }
    const url = service.at('/oauth2/sign_out')
    const reply = await agent.request(url, { method: 'POST', headers, body: 'rd=%2Fbye' })
    assert.equal(reply.headers.location, location, type)
  }
})

test('SEC-35: a form without end is refused, and one that breaks off is no error of ours', async (t) => {
  const service = await startService(t, await startProvider(t))
  const body = `rd=/${'x'.repeat(100_000)}`
  const url = service.at('/oauth2/sign_in')
  const headers = { 'content-type': form }
  const refused = await createUserAgent().request(url, { method: 'POST', headers, body })
  assert.equal(refused.status, 413)

  const socket = connect(service.port, '127.0.0.1')
  socket.write(
    `POST /oauth2/sign_in HTTP/1.1\r\nHost: a\r\nContent-Type: ${form}\r\n` +
      'Content-Length: 99\r\n\r\nrd=/x',
  )
  await once(socket, 'ready')
  socket.destroySoon()
  await eventually(() => {
    assert.ok(service.logs().filter(({ path }) => path === '/oauth2/sign_in').length >= 2)
  })
  assert.ok(!service.logs().some(({ level }) => level === 'error'))
})
