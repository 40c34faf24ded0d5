// What cookies can cost, and what planted ones can do.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { parseCookies } from '../../src/lib/cookie-header.ts'
import { joinCookies } from '../../src/session/cookie-parts.ts'
import { createCookieStore } from '../../src/session/stores/cookie.ts'
import { fakeClock } from '../support/clock.ts'
import { sessionOptions } from '../support/session-options.ts'
import { someSession } from '../support/sessions.ts'

const name = '_oauth2_proxy'
/** The form of a sealed value, so that only decrypting it tells. */
const forged = () => Buffer.concat([Uint8Array.of(1), randomBytes(60)]).toString('base64url')

test('SEC-28, SEC-53: however many cookies a request holds, few are decrypted', () => {
  const wholes = Array.from({ length: 500 }, () => `${name}=${forged()}`)
  const parts = Array.from({ length: 500 }, () => {
    const mark = randomBytes(12).toString('base64url')
    return `${name}_0=${mark}.${forged()}${mark}`
  })
  for (const cookies of [wholes, parts, [...wholes.slice(0, 250), ...parts.slice(0, 250)]]) {
    const values = [...joinCookies(name, parseCookies(cookies.join('; ')))]
    assert.ok(values.length > 0)
    assert.ok(values.length <= 128, `${values.length} values`)
  }
})

test('SEC-32: cookies planted for every parent path and domain lock nobody out', async () => {
  const clock = fakeClock()
  const store = createCookieStore(sessionOptions(), clock)
  const context = { cookies: parseCookies(undefined), host: 'app.example.com' }
  const session = someSession({ createdAt: clock.now() })
  const [cookie] = await store.create(session, context)
  // Longer paths come first (RFC 6265 5.4): ten levels, each with and without a slash, two domains.
  const planted = Array.from({ length: 40 }, () => `${name}=${forged()}`)
  const header = [...planted, `${cookie?.name}=${cookie?.value}`].join('; ')
  const loaded = await store.load({ ...context, cookies: parseCookies(header) })
  assert.equal(loaded.state, 'found')
})
