import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCookieStore } from '../../../../src/session/stores/cookie.ts'
import { createBrowserCookies } from '../../../support/browser-cookies.ts'
import { fakeClock } from '../../../support/clock.ts'
import { sessionOptions } from '../../../support/session-options.ts'
import { someSession } from '../../../support/sessions.ts'

test('a minimal cookie keeps everything but the tokens, through a refresh too', async () => {
  const store = createCookieStore(sessionOptions({ session_cookie_minimal: true }), fakeClock())
  const browser = createBrowserCookies()
  const session = someSession({ tokenExpiresAt: 1 })
  const kept = { ...session, tokens: { accessToken: '', idToken: '', refreshToken: '' } }
  browser.take(await store.create(session, browser.request()))
  assert.deepEqual(await store.load(browser.request()), { state: 'found', session: kept })
  const cookies = await store.replace(session, browser.request(), session)
  assert.equal(cookies?.length, 1)
  browser.take(cookies)
  assert.deepEqual(await store.load(browser.request()), { state: 'found', session: kept })
})

test('needs a secret', () => {
  assert.throws(() => createCookieStore(sessionOptions({ cookie_secret: [] }), fakeClock()))
})
