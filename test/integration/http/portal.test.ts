import assert from 'node:assert/strict'
import { test } from 'node:test'
import { buildApp } from '../../support/app.ts'

const browser = { accept: 'text/html', host: 'app.example.com' }

test('SEC-34: everything a browser visits is not kept, and pages carry their own policy', async (t) => {
  const { server } = await buildApp(t)
  for (const url of ['/oauth2/sign_in', '/oauth2/signed_out', '/', '/oauth2/start']) {
    const { headers, statusCode } = await server.inject({ url, headers: browser })
    assert.match(String(headers['cache-control']), /no-store/, url)
    assert.match(String(headers['content-security-policy']), /default-src 'none'/, url)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['referrer-policy'], 'no-referrer')
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
    assert.ok([200, 403, 503].includes(statusCode))
  }
})

test('shows the sign-in page with the return target, and 403 in place of an app', async (t) => {
  const { server } = await buildApp(t, ['--provider-display-name=ZITADEL'])
  const page = await server.inject({ url: '/oauth2/sign_in?rd=%2Fdeep%3Fx%3D1', headers: browser })
  assert.equal(page.statusCode, 200)
  assert.match(page.body, /ZITADEL/)
  assert.match(page.body, /%2Fdeep%3Fx%3D1|\/deep\?x=1/)
  const inPlace = await server.inject({ url: '/deep?x=1', headers: browser })
  assert.equal(inPlace.statusCode, 403)
  assert.match(inPlace.body, /%2Fdeep%3Fx%3D1|\/deep\?x=1/)
})

test('goes by X-Forwarded-* only when they say the scheme as well', async (t) => {
  const flags = ['--reverse-proxy=true', '--whitelist-domain=.example.com']
  const { server } = await buildApp(t, flags)
  const said = { 'x-forwarded-host': 'pub.example.com', 'x-forwarded-uri': '/q' }
  const page = async (headers: Record<string, string>) =>
    (await server.inject({ url: '/oauth2/sign_in', headers: { ...browser, ...headers } })).body
  assert.match(
    await page({ ...said, 'x-forwarded-proto': 'https' }),
    /https%3A%2F%2Fpub.example.com%2Fq/,
  )
  assert.match(await page(said), /rd=%2Fq/)
})

test('SEC-9: a foreign return target is not on the page', async (t) => {
  const { server } = await buildApp(t)
  for (const rd of ['https://evil.example/', '//evil.example', '/\\evil.example']) {
    const url = `/oauth2/sign_in?rd=${encodeURIComponent(rd)}`
    const { body } = await server.inject({ url, headers: browser })
    assert.doesNotMatch(body, /evil/)
  }
})

test('SEC-8: the sign-in page ends the session whose cookie came with it', async (t) => {
  const { server } = await buildApp(t)
  const { headers } = await server.inject({
    url: '/oauth2/sign_in',
    headers: { ...browser, cookie: '_oauth2_proxy=planted' },
  })
  assert.match(String(headers['set-cookie']), /^_oauth2_proxy=; .*Max-Age=0/)
})

test('APIs get 401 with JSON in place of a page', async (t) => {
  const { server } = await buildApp(t)
  const { statusCode, headers, body } = await server.inject({ url: '/api', headers: { host: 'a' } })
  assert.equal(statusCode, 401)
  assert.match(String(headers['content-type']), /application\/json/)
  assert.equal(typeof JSON.parse(body), 'object')
})

test('force_json_errors and api_routes give browsers JSON too', async (t) => {
  for (const [flag, url] of [
    ['--force-json-errors=true', '/'],
    ['--api-route=^/api', '/api/x'],
  ] as const) {
    const { server } = await buildApp(t, [flag])
    assert.equal((await server.inject({ url, headers: browser })).statusCode, 401)
  }
})

test('a provider that is down gives 503 with a way to try again', async (t) => {
  const { server, logs } = await buildApp(t)
  const answer = await server.inject({ url: '/oauth2/start?rd=/deep', headers: browser })
  assert.equal(answer.statusCode, 503)
  assert.equal(answer.headers['retry-after'], '5')
  assert.match(answer.body, /\/oauth2\/start\?rd=%2Fdeep/)
  assert.ok(logs().some(({ msg }) => msg === 'sign-in not possible now'))
})

test('SEC-25: another site cannot sign people out; a confirmation asks them', async (t) => {
  const { server } = await buildApp(t)
  const cookie = '_oauth2_proxy=some-session'
  const forced = await server.inject({
    url: '/oauth2/sign_out?rd=/bye',
    headers: { ...browser, cookie, 'sec-fetch-site': 'cross-site' },
  })
  assert.equal(forced.statusCode, 200)
  assert.equal(forced.headers['set-cookie'], undefined)
  assert.match(forced.body, /method="post"/)
  const confirmed = await server.inject({
    method: 'POST',
    url: '/oauth2/sign_out',
    headers: {
      ...browser,
      cookie,
      'sec-fetch-site': 'same-origin',
      'content-type': 'application/x-www-form-urlencoded',
    },
    payload: 'rd=%2Fbye',
  })
  assert.equal(confirmed.statusCode, 302)
  assert.equal(confirmed.headers['location'], '/bye')
  assert.match(String(confirmed.headers['set-cookie']), /Max-Age=0/)
})

test('sign-out follows rd only to allowed hosts', async (t) => {
  const { server } = await buildApp(t, ['--whitelist-domain=.example.com'])
  for (const [rd, location] of [
    ['https://www.example.com/bye', 'https://www.example.com/bye'],
    ['https://evil.example/', 'http://app.example.com/oauth2/signed_out'],
  ] as const) {
    const answer = await server.inject({
      url: `/oauth2/sign_out?rd=${encodeURIComponent(rd)}`,
      headers: browser,
    })
    assert.equal(answer.headers['location'], location)
  }
})

test('userinfo says 401 to who is not signed in, {} where the route is open', async (t) => {
  const { server } = await buildApp(t, ['--skip-auth-route=^/oauth2/userinfo$'])
  const open = await server.inject({ url: '/oauth2/userinfo', headers: browser })
  assert.deepEqual([open.statusCode, open.json()], [200, {}])
  const { server: closed } = await buildApp(t)
  assert.equal((await closed.inject({ url: '/oauth2/userinfo' })).statusCode, 401)
})

test('robots are kept out', async (t) => {
  const { server } = await buildApp(t)
  const { body } = await server.inject('/robots.txt')
  assert.match(body, /Disallow: \//)
})

test('a request without a usable Host is refused', async (t) => {
  const { server } = await buildApp(t)
  const { statusCode } = await server.inject({ url: '/', headers: { host: 'a/b' } })
  assert.equal(statusCode, 400)
})

test('a proxy_prefix of its own moves the portal', async (t) => {
  const { server } = await buildApp(t, ['--proxy-prefix=/sso'])
  assert.equal((await server.inject({ url: '/sso/auth' })).statusCode, 401)
  const { statusCode } = await server.inject({ url: '/oauth2/sign_in', headers: browser })
  assert.equal(statusCode, 403, 'the old path is an app path like any other')
})
