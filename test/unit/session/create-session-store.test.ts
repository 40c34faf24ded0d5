import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { createSessionStore } from '../../../src/session/create-session-store.ts'
import { createBrowserCookies } from '../../support/browser-cookies.ts'
import { fakeClock } from '../../support/clock.ts'
import { sessionOptions } from '../../support/session-options.ts'
import { recordedLog, someSession } from '../../support/sessions.ts'

function open(type: string) {
  const deps = { clock: fakeClock(), log: recordedLog(), observe: () => {} }
  return createSessionStore(sessionOptions({ session_store_type: type }), deps)
}

test('memory and cookie stores keep a session, the former behind a ticket', async () => {
  const lengths = []
  for (const type of ['cookie', 'memory']) {
    const store = await open(type)
    const browser = createBrowserCookies()
    const accessToken = 'some token '.repeat(20)
    const session = someSession({ tokens: { accessToken, idToken: '', refreshToken: '' } })
    const [cookie] = await store.create(session, browser.request())
    browser.take(cookie ? [cookie] : [])
    assert.deepEqual(await store.load(browser.request()), { state: 'found', session })
    lengths.push(cookie?.value.length ?? 0)
    await store.close()
  }
  assert.equal(lengths[1], 103)
  assert.notEqual(lengths[0], lengths[1])
})

test('SEC-30: a session in memory is used from the cache until it is revoked, and no longer', async () => {
  const store = await open('memory')
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(), browser.request()))
  const request = browser.request()
  for (let count = 0; count < 2; count += 1) await store.load(request)
  const remembered = store.load(request)
  assert.ok(!(remembered instanceof Promise) && remembered.state === 'found')
  await store.revocations?.revoke({ by: 'all' })
  assert.deepEqual(await store.load(request), { state: 'invalid' })
  await store.close()
})

test('refuses a store that it does not know, and Redis without a URL', async () => {
  await assert.rejects(open('memcached'), /session_store_type memcached is unknown/)
  await assert.rejects(open('redis'), /redis_connection_url is not/)
})

test('who has no Redis does not load its client', () => {
  const folder = new URL('../../../', import.meta.url).href
  const program = `
    import { registerHooks } from 'node:module'
    registerHooks({
      load(url, context, next) {
        if (url.includes('/node_modules/ioredis/')) throw new Error('ioredis is loaded')
        return next(url, context)
      },
    })
    const { createSessionStore } = await import('${folder}src/session/create-session-store.ts')
    const { sessionOptions } = await import('${folder}test/support/session-options.ts')
    for (const session_store_type of ['cookie', 'memory', 'redis']) {
      const opened = createSessionStore(sessionOptions({ session_store_type }), { clock: Date })
      console.log(session_store_type, await opened.then(() => 'opens', (error) => error.message))
    }`
  const args = ['--input-type=module', '--eval', program]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(stdout, 'cookie opens\nmemory opens\nredis ioredis is loaded\n', stderr)
})
