// `cookie_secret` changes while people are signed in: the first secret seals, all open.
import assert from 'node:assert/strict'
import { fakeClock } from '../../support/clock.ts'
import { signInAtProvider, startProvider } from '../../support/provider.ts'
import { createUserAgent } from '../../support/user-agent.ts'
import { check, setCookies, signedIn, startService, testEachSharedStore } from './harness.ts'

const a = 'a'.repeat(32)
const b = 'b'.repeat(32)
/** The portal is one address for all replicas; the test brings each callback to one of them. */
const portal = { redirect_url: 'http://login.example.com/oauth2/callback' }

testEachSharedStore(
  'a session outlives the change of the secret by its overlap',
  async (t, store) => {
    const provider = await startProvider(t)
    const clock = fakeClock(Date.now())
    const replica = (cookie_secret: readonly string[]) =>
      startService(t, provider, { ...store, cookie_secret, cookie_refresh: '10m' }, clock)
    const before = await replica([a])
    const during = await replica([b, a])
    const after = await replica([b])

    const old = await signedIn(before)
    assert.equal((await check(old, after)).status, 401)
    assert.equal((await check(old, during)).status, 202)
    assert.deepEqual(setCookies(await check(old, during)), [], 'a ticket is sealed anew once')
    const recent = await signedIn(during)
    assert.equal((await check(recent, after)).status, 202)
    assert.equal((await check(recent, before)).status, 401)

    clock.advance(11 * 60_000)
    assert.equal((await check(old, during)).status, 202, 'refreshed')
    assert.equal((await check(old, after)).status, 202, 'sealed anew')
  },
)

testEachSharedStore('a sign-in that began before the change ends after it', async (t, store) => {
  const provider = await startProvider(t)
  const replica = (cookie_secret: readonly string[]) =>
    startService(t, provider, { ...store, ...portal, cookie_secret })
  const before = await replica([a])
  const during = await replica([b, a])
  const after = await replica([b])

  const agent = createUserAgent()
  const host = 'login.example.com'
  const started = await agent.request(before.at('/oauth2/start?rd=/app', host))
  const callback = new URL(await signInAtProvider(started.headers.location ?? ''))
  const path = callback.pathname + callback.search
  const refused = await agent.request(after.at(path, host))
  assert.match(refused.headers.location ?? '', /\/auth\?/, 'unknown there: starts anew')
  const ended = await agent.request(during.at(path, host))
  assert.equal(ended.headers.location, '/app')
  assert.equal((await agent.request(after.at('/oauth2/auth', host))).status, 202)
})
