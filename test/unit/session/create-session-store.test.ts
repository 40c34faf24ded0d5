import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createSessionStore } from '../../../src/session/create-session-store.ts'
import type { SessionStoreOptions } from '../../../src/session/session-store-options.ts'
import { createBrowserCookies } from '../../support/browser-cookies.ts'
import { fakeClock } from '../../support/clock.ts'
import { sessionOptions } from '../../support/session-options.ts'
import { recordedLog, someSession } from '../../support/sessions.ts'

function open(type: string, changes: Partial<SessionStoreOptions> = {}) {
  const deps = { clock: fakeClock(), log: recordedLog(), observe: () => {} }
  return createSessionStore(sessionOptions({ session_store_type: type, ...changes }), deps)
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

test('as many sessions are remembered as fit into session_cache_size', async () => {
  const shown = 300
  /** Of sessions of some 10 kB, how many need not be opened again. */
  async function remembered(session_cache_size: number): Promise<number> {
    const store = await open('cookie', { session_cache_size })
    const kept: (() => Promise<boolean>)[] = []
    for (let count = 0; count < shown; count += 1) {
      const browser = createBrowserCookies()
      const accessToken = randomBytes(3000).toString('base64')
      const tokens = { accessToken, idToken: '', refreshToken: '' }
      browser.take(await store.create(someSession({ tokens }), browser.request()))
      const request = browser.request()
      await store.load(request)
      // Remembered from its second check on.
      const second = await store.load(request)
      kept.push(async () => (await store.load(request)) === second)
    }
    let hits = 0
    for (const isKept of kept.toReversed()) if (await isKept()) hits += 1
    await store.close()
    return hits
  }
  assert.equal(await remembered(64), shown)
  const few = await remembered(1)
  assert.ok(few > 0 && few < shown / 2, String(few))
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
