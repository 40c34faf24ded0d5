import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSessionCookie } from '../../../src/session/session-cookie.ts'
import { createBrowserCookies } from '../../support/browser-cookies.ts'
import { fakeClock } from '../../support/clock.ts'
import { sessionOptions } from '../../support/session-options.ts'
import { someSession } from '../../support/sessions.ts'

const name = '_oauth2_proxy'
const short = randomBytes(100).toString('base64url')
const long = randomBytes(8_000).toString('base64url')

function open() {
  const clock = fakeClock()
  const cookie = createSessionCookie(sessionOptions(), clock)
  return { clock, cookie, browser: createBrowserCookies() }
}

const sizes = [
  ['grows', [short, long]],
  ['shrinks', [long, short]],
  ['shrinks by some parts', [long, long.slice(0, 6_000)]],
  ['stays', [long, long.split('').toReversed().join('')]],
] as const

for (const [change, values] of sizes) {
  test(`leaves no stale cookie behind when the session ${change}`, () => {
    const { cookie, browser } = open()
    for (const value of values) {
      browser.take(cookie.write(value, someSession(), browser.request()))
      assert.deepEqual([...cookie.read(browser.request())], [value])
    }
    const last = createBrowserCookies()
    last.take(cookie.write(values[1], someSession(), last.request()))
    assert.deepEqual([...browser.kept.keys()].toSorted(), [...last.kept.keys()].toSorted())
  })
}

test('sets what is new before it deletes what is old', () => {
  const { cookie, browser } = open()
  browser.take(cookie.write(long, someSession(), browser.request()))
  const cookies = cookie.write(short, someSession(), browser.request())
  assert.deepEqual(
    cookies.map(({ name: written, maxAgeSeconds }) => [written, maxAgeSeconds]),
    [
      [name, undefined],
      [`${name}_0`, 0],
      [`${name}_1`, 0],
      [`${name}_2`, 0],
    ],
  )
})

test('lives as long as the session, in whole seconds upwards', () => {
  const { clock, cookie, browser } = open()
  const session = someSession({ expiresAt: clock.now() + 10_001 })
  const maxAge = () => cookie.write(short, session, browser.request())[0]?.maxAgeSeconds
  assert.equal(maxAge(), 11)
  clock.advance(10_000)
  assert.equal(maxAge(), 1)
  clock.advance(10_000)
  assert.equal(maxAge(), 1)
})

test('is shown by a single leftover part, which stands for nothing', () => {
  const { cookie, browser } = open()
  assert.equal(cookie.isShown(browser.request()), false)
  browser.kept.set(`${name}_1`, 'x')
  assert.equal(cookie.isShown(browser.request()), true)
  assert.deepEqual([...cookie.read(browser.request())], [])
  browser.take(cookie.erase(browser.request()))
  assert.equal(cookie.isShown(browser.request()), false)
})
