import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cleanup } from '../../support/cleanup.ts'
import { newKey, nowSeconds, startHostileProvider } from '../../support/hostile-provider.ts'
import { buildApp } from '../../support/app.ts'

const key = newKey()

async function startSite(t: Cleanup, flags: readonly string[] = []) {
  const provider = await startHostileProvider(t, key)
  const app = await buildApp(t, [
    `--oidc-issuer-url=${provider.issuer}`,
    '--client-id=sallyport',
    '--skip-jwt-bearer-tokens',
    '--set-xauthrequest',
    '--set-authorization-header',
    ...flags,
  ])
  await app.server.ready()
  const check = (authorization: string, query = '') =>
    app.server.inject({ url: `/oauth2/auth${query}`, headers: { authorization } })
  return { provider, app, check }
}

test('a script passes with a token, is named to the app, and gets no cookie', async (t) => {
  const { provider, check } = await startSite(t)
  const token = provider.idToken()
  for (let times = 0; times < 2; times += 1) {
    const answer = await check(`Bearer ${token}`)
    assert.equal(answer.statusCode, 202)
    assert.equal(answer.headers['x-auth-request-user'], 'mallory')
    assert.equal(answer.headers['x-auth-request-groups'], 'dev')
    assert.equal(answer.headers['authorization'], `Bearer ${token}`)
    assert.equal(answer.headers['set-cookie'], undefined)
  }
  assert.equal((await check(`Bearer ${token}`, '?allowed_groups=ops')).statusCode, 403)
  assert.equal(
    (await check(`Bearer ${provider.idToken({ exp: nowSeconds() - 1 })}`)).statusCode,
    401,
  )
  assert.equal((await check('Bearer opaque')).statusCode, 401)
})

test('without fallback every other Authorization is 403', async (t) => {
  const { provider, app, check } = await startSite(t, ['--bearer-token-login-fallback=false'])
  assert.equal((await check(`Bearer ${provider.idToken()}`)).statusCode, 202)
  assert.equal((await check('Basic YTpi')).statusCode, 403)
  assert.equal((await app.server.inject('/oauth2/auth')).statusCode, 401)
})

test('SEC-14: while the keys cannot be had a token is 503, not 401', async (t) => {
  const { provider, check } = await startSite(t)
  provider.bend('jwks', { status: 503 })
  const answer = await check(`Bearer ${provider.idToken()}`)
  assert.equal(answer.statusCode, 503)
})

test('SEC-33: a refused token is in no log line', async (t) => {
  const { provider, app, check } = await startSite(t, ['--log-level=debug'])
  const token = provider.idToken({ aud: 'another' })
  assert.equal((await check(`Bearer ${token}`)).statusCode, 401)
  const line = app.logs().find(({ msg }) => msg === 'bearer token refused')
  assert.match(String(line?.['cause']), /^aud names neither/)
  for (const part of token.split('.')) assert.ok(!app.logText().includes(part))
})
