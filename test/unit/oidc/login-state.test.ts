import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createLoginStates, type BegunLogin } from '../../../src/oidc/login-state.ts'
import { parseCookies } from '../../../src/lib/cookie-header.ts'
import { createSealer } from '../../../src/lib/sealer.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { fakeClock, type FakeClock } from '../../support/clock.ts'

const minute = 60_000
const secret = '0123456789abcdef0123456789abcdef'

function loginStates({
  clock = fakeClock(),
  secrets = [secret],
  cookie_name = '_oauth2_proxy',
  cookie_csrf_expire = 15 * minute,
}: {
  clock?: FakeClock
  secrets?: readonly string[]
  cookie_name?: string
  cookie_csrf_expire?: number
} = {}) {
  const cookie_secret = secrets.map((value) => new Secret(value))
  return createLoginStates({ options: { cookie_name, cookie_secret, cookie_csrf_expire }, clock })
}

function cookiesOf(logins: readonly BegunLogin[]) {
  return parseCookies(logins.map((login) => `${login.cookieName}=${login.cookieValue}`).join('; '))
}

test('an attempt that comes back with its cookie gets its parameters and target again', () => {
  const states = loginStates()
  const begun = states.begin({ redirect: '/app?a=1#b', attempt: 2 })
  const { nonce, codeVerifier } = begun
  assert.deepEqual(states.match(begun.state, [begun.cookieValue]), {
    redirect: '/app?a=1#b',
    attempt: 2,
    startedAt: fakeClock().now(),
    nonce,
    codeVerifier,
  })
})

test('keeps any target that fits', () => {
  const states = loginStates()
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1000 }), fc.nat(), (redirect, attempt) => {
      const { state, cookieValue } = states.begin({ redirect, attempt })
      const matched = states.match(state, [cookieValue])
      assert.equal(matched?.redirect, redirect)
      assert.equal(matched.attempt, attempt)
    }),
    { numRuns: 200 },
  )
})

test('SEC-16: nonce, verifier and binding have 256 bits each, new for every attempt', () => {
  const states = loginStates()
  const seen = new Set<string>()
  for (let count = 0; count < 50; count += 1) {
    const { state, nonce, codeVerifier, cookieName } = states.begin({ redirect: '/', attempt: 0 })
    for (const value of [state, nonce, codeVerifier, cookieName]) seen.add(value)
    assert.match(nonce, /^[A-Za-z0-9_-]{43}$/)
    assert.match(codeVerifier, /^[A-Za-z0-9_-]{43}$/)
  }
  assert.equal(seen.size, 200)
})

test('SEC-16: neither state nor cookie shows what is derived from the seed', () => {
  const { state, nonce, codeVerifier, cookieValue } = loginStates().begin({
    redirect: '/secret-target',
    attempt: 0,
  })
  const shown = [state, cookieValue, Buffer.from(state, 'base64url').toString('latin1')].join(' ')
  for (const hidden of [nonce, codeVerifier, 'secret-target']) assert.ok(!shown.includes(hidden))
})

test('the cookie has the name that oauth2-proxy gives it per request, and is small', () => {
  const begun = loginStates().begin({ redirect: `/${'x'.repeat(2000)}`, attempt: 0 })
  assert.match(begun.cookieName, /^_oauth2_proxy_[A-Za-z0-9_-]{8}_csrf$/)
  assert.equal(loginStates().cookieName(begun.state), begun.cookieName)
  assert.ok(begun.cookieValue.length < 100)
})

test('SEC-16: a state fits no cookie but its own', () => {
  const states = loginStates()
  const mine = states.begin({ redirect: '/mine', attempt: 0 })
  const other = states.begin({ redirect: '/other', attempt: 0 })
  assert.equal(states.match(mine.state, []), undefined)
  assert.equal(states.match(mine.state, [other.cookieValue]), undefined)
  assert.equal(states.match(other.state, [mine.cookieValue]), undefined)
  assert.equal(states.match(mine.state, ['junk', other.cookieValue, '']), undefined)
  assert.ok(states.match(mine.state, ['junk', other.cookieValue, mine.cookieValue]))
})

test('SEC-16: a seed of our own under the name of another state binds nothing', () => {
  const states = loginStates()
  const mine = states.begin({ redirect: '/', attempt: 0 })
  const time = Buffer.alloc(8)
  time.writeDoubleBE(fakeClock().now())
  const foreign = createSealer([secret], 'login-cookie').seal(
    Buffer.concat([Buffer.alloc(32, 7), time]),
    mine.cookieName,
  )
  assert.equal(states.match(mine.state, [foreign]), undefined)
})

test('SEC-10, SEC-28: a state that was not made by us is none', () => {
  const states = loginStates()
  const { state } = states.begin({ redirect: '/app', attempt: 0 })
  assert.equal(states.readState(state)?.redirect, '/app')
  for (const forged of [
    '',
    'nonce:https://evil.example/',
    Buffer.from('{"redirect":"https://evil.example/"}').toString('base64url'),
    state.slice(0, -1),
    `${state}A`,
    `${state.slice(0, 40)}${state[40] === 'A' ? 'B' : 'A'}${state.slice(41)}`,
    `${state.slice(0, 20)}.${state.slice(20)}`,
  ]) {
    assert.equal(states.readState(forged), undefined, forged)
    assert.equal(states.match(forged, []), undefined, forged)
  }
})

test('SEC-11: a state of another cookie name or secret is none, a rotated secret still opens', () => {
  const { state, cookieValue } = loginStates().begin({ redirect: '/app', attempt: 0 })
  const next = 'fedcba9876543210fedcba9876543210'
  assert.equal(loginStates({ cookie_name: '_other' }).readState(state), undefined)
  assert.equal(loginStates({ secrets: [next] }).readState(state), undefined)
  const rotated = loginStates({ secrets: [next, secret] })
  assert.ok(rotated.match(state, [cookieValue]))
})

test('SEC-16: an attempt is over after cookie_csrf_expire, its target is still known', () => {
  const clock = fakeClock()
  const states = loginStates({ clock })
  const { state, cookieValue } = states.begin({ redirect: '/app', attempt: 1 })
  clock.advance(15 * minute)
  assert.ok(states.match(state, [cookieValue]))
  clock.advance(1)
  assert.equal(states.match(state, [cookieValue]), undefined)
  assert.deepEqual(states.readState(state), {
    redirect: '/app',
    attempt: 1,
    startedAt: fakeClock().now(),
  })
})

test('cookie_csrf_expire = 0 lets an attempt take for ever', () => {
  const clock = fakeClock()
  const states = loginStates({ clock, cookie_csrf_expire: 0 })
  const { state, cookieValue } = states.begin({ redirect: '/app', attempt: 0 })
  clock.advance(365 * 24 * 60 * minute)
  assert.ok(states.match(state, [cookieValue]))
})

test('a target too long for a URL becomes the root, so that the state comes back', () => {
  const states = loginStates()
  const targetOf = (redirect: string) => {
    const { state, cookieValue } = states.begin({ redirect, attempt: 0 })
    return states.match(state, [cookieValue])?.redirect
  }
  const long = `/${'x'.repeat(4200)}`
  assert.equal(targetOf(long), long)
  assert.equal(targetOf(`/${'x'.repeat(5000)}`), '/')
  assert.equal(targetOf(`/${'é'.repeat(2500)}`), '/')
  assert.equal(targetOf('"'.repeat(2500)), '/')
})

test('SEC-35: oversized states and cookies are refused before they cost anything', () => {
  const states = loginStates()
  const { state, cookieValue } = states.begin({ redirect: '/', attempt: 0 })
  assert.equal(states.readState('A'.repeat(1_000_000)), undefined)
  assert.equal(states.match(state, ['A'.repeat(1_000_000)]), undefined)
  assert.equal(states.match(state, [`${cookieValue}${'A'.repeat(300)}`]), undefined)
})

test('SEC-53: opens a bounded number of planted login cookies, and prunes those beyond', () => {
  const states = loginStates({ clock: fakeClock() })
  const { cookieName, cookieValue } = states.begin({ redirect: '/', attempt: 0 })
  const planted = Array.from({ length: 200 }, (_, index) => {
    const name = `_oauth2_proxy_${String(index).padStart(8, '0')}_csrf`
    return [name, ['planted']] satisfies [string, string[]]
  })
  const pruned = states.prune(
    new Map<string, string[]>([...planted, [cookieName, [cookieValue]]]),
    10,
  )
  assert.equal(pruned.length, 191)
})

test('prunes the oldest login cookies, unreadable ones first, and nothing else', () => {
  const clock = fakeClock()
  const states = loginStates({ clock })
  const logins = Array.from({ length: 4 }, () => {
    clock.advance(minute)
    return states.begin({ redirect: '/', attempt: 0 })
  })
  const names = logins.map(({ cookieName }) => cookieName)
  const [first, second, third, fourth] = names
  const cookies = new Map([
    ...cookiesOf(logins.toReversed()),
    ['_oauth2_proxy_AAAAAAAA_csrf', ['planted']],
    ['_oauth2_proxy', ['session']],
    ['_oauth2_proxy_0', ['part']],
    ['_oauth2_proxy_csrf', ['of-oauth2-proxy']],
    ['other_AAAAAAAA_csrf', ['x']],
  ])
  assert.deepEqual(states.prune(cookies, 5), [])
  assert.deepEqual(states.prune(cookies, 4), ['_oauth2_proxy_AAAAAAAA_csrf'])
  assert.deepEqual(states.prune(cookies, 2), [second, first, '_oauth2_proxy_AAAAAAAA_csrf'])
  assert.deepEqual(states.prune(cookies, 0).slice(0, 3), [fourth, third, second])
})
