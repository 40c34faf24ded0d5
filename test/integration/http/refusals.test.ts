// What someone without a session gets to see, across origins and after a lost POST.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildApp } from '../../support/app.ts'

const spa = 'https://spa.example.com'
const forwarded = {
  host: 'sallyport',
  'x-forwarded-method': 'GET',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'app.example.com',
  'x-forwarded-uri': '/api',
}
const form = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

test('cors_allowed_origins let scripts there read a 401, and no others', async (t) => {
  const { server } = await buildApp(t, [`--cors-allowed-origin=${spa}`])
  const answers = [
    { url: '/oauth2/check/traefik', headers: forwarded },
    { url: '/api', headers: { host: 'app.example.com' } },
  ]
  for (const { url, headers } of answers) {
    const allowed = await server.inject({ url, headers: { ...headers, origin: spa } })
    assert.equal(allowed.statusCode, 401)
    assert.equal(allowed.headers['access-control-allow-origin'], spa)
    assert.equal(allowed.headers['access-control-allow-credentials'], 'true')
    assert.equal(allowed.headers['vary'], 'Origin')
    const other = await server.inject({
      url,
      headers: { ...headers, origin: 'https://evil.example' },
    })
    assert.equal(other.statusCode, 401)
    assert.equal(other.headers['access-control-allow-origin'], undefined)
    assert.equal(other.headers['vary'], 'Origin')
  }
})

test('a lost POST behind a gateway comes back to the page with the form', async (t) => {
  const { server } = await buildApp(t)
  const { statusCode, headers } = await server.inject({
    url: '/oauth2/check/traefik',
    headers: {
      ...forwarded,
      ...form,
      'x-forwarded-method': 'POST',
      referer: 'https://app.example.com/form?x=1',
    },
  })
  assert.equal(statusCode, 302)
  assert.equal(new URL(String(headers['location'])).searchParams.get('rd'), '/form?x=1')
})

test('a lost POST in proxy mode comes back to the page with the form, else to the start', async (t) => {
  const { server } = await buildApp(t)
  for (const [referer, target] of [
    ['http://app.example.com/form?x=1', '%2Fform%3Fx%3D1'],
    ['https://evil.example/', '%2F'],
  ] as const) {
    const { statusCode, body } = await server.inject({
      method: 'POST',
      url: '/save',
      headers: { ...form, host: 'app.example.com', referer },
    })
    assert.equal(statusCode, 403)
    assert.ok(body.includes(`rd=${target}"`), body)
  }
})
