import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogin, type LoginResult } from '../../../src/auth/login.ts'
import { createPortalUrls } from '../../../src/auth/portal-urls.ts'
import type { SetCookie } from '../../../src/core/cookie.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import { Secret } from '../../../src/lib/secret.ts'
import type { ExchangeResult } from '../../../src/oidc/client.ts'
import { createLoginStates } from '../../../src/oidc/login-state.ts'
import { createCookieWriter } from '../../../src/session/cookies.ts'
import { fakeClock } from '../../support/clock.ts'
import { oneSessionStore, someSession } from '../../support/sessions.ts'

const minute = 60_000
const options = {
  cookie_name: '_oauth2_proxy',
  cookie_secret: [new Secret('0123456789abcdef')],
  cookie_expire: 60 * minute,
  cookie_csrf_expire: 15 * minute,
  cookie_csrf_per_request_limit: 0,
  cookie_domains: [],
  cookie_path: '/',
  cookie_secure: true,
  cookie_httponly: true,
  cookie_samesite: '',
  redirect_url: '',
  proxy_prefix: '/oauth2',
}

const { identity, tokens, providerSid, browser } = someSession()
const ends = { tokenExpiresAt: 0, idTokenExpiresAt: 0 }
const signedIn: ExchangeResult = { ok: true, identity, tokens, providerSid, ...ends }

/** A browser with a cookie jar in front of a login whose provider answers as told. */
function browserWith(exchange: () => Promise<ExchangeResult> = () => Promise.resolve(signedIn)) {
  const clock = fakeClock()
  const sessions = oneSessionStore({ state: 'none' })
  const jar = new Map<string, string[]>()
  let exchanges = 0
  const login = createLogin({
    options,
    urls: createPortalUrls(options, { isAllowed: () => true }),
    oidc: {
      authorizationUrl: ({ state }) =>
        Promise.resolve({ ok: true, url: `https://id.example.com/authorize?state=${state}` }),
      exchange() {
        exchanges += 1
        return exchange()
      },
    },
    states: createLoginStates({ options, clock }),
    sessions,
    loginCookies: createCookieWriter(options),
    isAllowedRedirect: (target) => target.startsWith('/'),
    authorize: ({ groups }) => (groups.includes('admin') ? undefined : 'group-missing'),
    clock,
  })
  const request = () =>
    ({ scheme: 'https', host: 'app.example.com', cookies: jar, browser }) as const

  function keep(result: LoginResult): LoginResult {
    const cookies: readonly SetCookie[] = 'cookies' in result ? result.cookies : []
    for (const { name, value, maxAgeSeconds } of cookies) {
      if (maxAgeSeconds === 0) jar.delete(name)
      else jar.set(name, [value])
    }
    return result
  }

  return {
    clock,
    sessions,
    jar,
    exchanges: () => exchanges,
    /** Names of the login cookies in the jar. */
    loginCookies: () => [...jar.keys()].filter((name) => name.endsWith('_csrf')),
    start: async (redirect: string) => keep(await login.start(request(), redirect)),
    callback: async (state: string, params = {}) =>
      keep(await login.callback(request(), new URLSearchParams({ code: 'c', state, ...params }))),
  }
}

function stateOf(result: LoginResult): string {
  assert.equal(result.kind, 'redirect')
  const location = new URL(result.kind === 'redirect' ? result.location : '')
  assert.equal(location.host, 'id.example.com', 'goes to the provider')
  return location.searchParams.get('state') ?? ''
}

function locationOf(result: LoginResult): string {
  assert.equal(result.kind, 'redirect')
  return result.kind === 'redirect' ? result.location : ''
}

test('signs in and lands where the person wanted to go', async () => {
  const browser = browserWith()
  const state = stateOf(await browser.start('/deep?x=1'))
  const result = await browser.callback(state)
  assert.equal(locationOf(result), '/deep?x=1')
  const held = browser.sessions.held()
  assert.equal(held.state, 'found')
  const session = held.state === 'found' ? held.session : undefined
  assert.equal(session?.identity.email, 'alice@example.com')
  assert.equal(session?.expiresAt, browser.clock.now() + options.cookie_expire)
  assert.deepEqual(browser.loginCookies(), [])
})

test('SEC-8: each sign-in makes a session with a new id', async () => {
  const browser = browserWith()
  const ids = new Set<string>()
  for (let round = 0; round < 3; round += 1) {
    await browser.callback(stateOf(await browser.start('/')))
    const held = browser.sessions.held()
    ids.add(held.state === 'found' ? held.session.id : '')
  }
  assert.equal(ids.size, 3)
})

test('ten tabs that start at once all land on their own targets', async () => {
  const browser = browserWith()
  const tabs = Array.from({ length: 10 }, (_, tab) => `/tab/${tab}`)
  const states: string[] = []
  for (const tab of tabs) states.push(stateOf(await browser.start(tab)))
  for (const [tab, state] of states.entries()) {
    assert.equal(locationOf(await browser.callback(state)), `/tab/${tab}`)
  }
})

test('keeps at most ten login cookies, the newest ones', async () => {
  const browser = browserWith()
  const states: string[] = []
  for (let tab = 0; tab < 15; tab += 1) {
    states.push(stateOf(await browser.start(`/tab/${tab}`)))
    browser.clock.advance(1000)
  }
  assert.equal(browser.loginCookies().length, 10)
  assert.equal(locationOf(await browser.callback(states[14] ?? '')), '/tab/14')
})

test('a callback whose cookie is lost goes on when a session exists', async () => {
  const browser = browserWith()
  const state = stateOf(await browser.start('/deep'))
  browser.jar.clear()
  await browser.sessions.create(someSession(), { cookies: browser.jar, host: '' })
  assert.equal(locationOf(await browser.callback(state)), '/deep')
  assert.equal(browser.exchanges(), 0, 'SEC-16: no code is redeemed without its cookie')
})

test('a lost cookie without a session starts once more, to the same target', async () => {
  const browser = browserWith()
  const lost = stateOf(await browser.start('/deep'))
  browser.jar.clear()
  const again = stateOf(await browser.callback(lost))
  assert.equal(locationOf(await browser.callback(again)), '/deep')
})

test('a browser that keeps no cookies gets the page after one silent restart', async () => {
  const browser = browserWith()
  const first = stateOf(await browser.start('/deep'))
  browser.jar.clear()
  const second = stateOf(await browser.callback(first))
  browser.jar.clear()
  const result = await browser.callback(second)
  assert.equal(result.kind === 'failed' && result.failure, 'cookie-lost')
  assert.equal(result.kind === 'failed' && result.redirect, '/deep')
  assert.equal(browser.exchanges(), 0)
})

test('a bookmark of the callback starts a sign-in, or goes to / when signed in', async () => {
  for (const state of ['', 'garbage', 'A'.repeat(10_000)]) {
    const browser = browserWith()
    stateOf(await browser.callback(state))
    await browser.sessions.create(someSession(), { cookies: browser.jar, host: '' })
    assert.equal(locationOf(await browser.callback(state)), '/')
  }
})

test('the Back button to a used callback goes on to the target', async () => {
  const browser = browserWith()
  const state = stateOf(await browser.start('/deep'))
  await browser.callback(state)
  assert.equal(locationOf(await browser.callback(state)), '/deep')
  assert.equal(browser.exchanges(), 1)
})

test('a tab left open at the provider for an hour starts over, however often', async () => {
  const browser = browserWith()
  let state = stateOf(await browser.start('/deep'))
  for (let round = 0; round < 3; round += 1) {
    browser.clock.advance(60 * minute)
    state = stateOf(await browser.callback(state))
  }
  assert.equal(locationOf(await browser.callback(state)), '/deep')
})

test('a code that the provider does not know any more starts once more, then explains', async () => {
  const browser = browserWith(() =>
    Promise.resolve({ ok: false, failure: 'code-rejected', detail: 'invalid_grant' }),
  )
  const again = stateOf(await browser.callback(stateOf(await browser.start('/deep'))))
  const result = await browser.callback(again)
  assert.equal(result.kind === 'failed' && result.failure, 'code-rejected')
})

test('a refusal of the provider is told, and its login cookie spent', async () => {
  const browser = browserWith(() =>
    Promise.resolve({ ok: false, failure: 'access-denied', detail: 'access_denied' }),
  )
  const result = await browser.callback(stateOf(await browser.start('/deep')))
  assert.equal(result.kind === 'failed' && result.failure, 'access-denied')
  assert.deepEqual(browser.loginCookies(), [])
  assert.equal(browser.sessions.held().state, 'none')
})

test('who the policy refuses gets no session', async () => {
  const refused = { ...identity, groups: ['dev'] }
  const browser = browserWith(() => Promise.resolve({ ...signedIn, identity: refused }))
  const result = await browser.callback(stateOf(await browser.start('/')))
  assert.equal(result.kind === 'failed' && result.failure, 'group-missing')
  assert.equal(browser.sessions.held().state, 'none')
})

test('an outage is told as such and keeps the login cookie', async () => {
  const browser = browserWith(() => Promise.reject(new Unavailable('provider', 'timeout')))
  const state = stateOf(await browser.start('/deep'))
  const result = await browser.callback(state)
  assert.deepEqual(result, {
    kind: 'unavailable',
    reason: 'provider-unavailable',
    detail: 'timeout',
    redirect: '/deep',
  })
  assert.equal(browser.loginCookies().length, 1)
})

test('a target that the rules stopped allowing becomes /', async () => {
  const browser = browserWith()
  const state = stateOf(await browser.start('https://old.example.com/'))
  assert.equal(locationOf(await browser.callback(state)), '/')
})

test('an unknown error is thrown on', async () => {
  const browser = browserWith(() => Promise.reject(new TypeError('bug')))
  const state = stateOf(await browser.start('/'))
  await assert.rejects(browser.callback(state), TypeError)
})
