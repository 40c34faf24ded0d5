import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { createSessionStore } from '../../../src/session/create-session-store.ts'
import { sessions } from '../../../src/cli/sessions.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { loadFlags, requiredFlags } from '../../support/app.ts'
import { createBrowserCookies, type BrowserCookies } from '../../support/browser-cookies.ts'
import { afterTest } from '../../support/cleanup.ts'
import { eventually, withinASecond } from '../../support/eventually.ts'
import { freePort } from '../../support/process.ts'
import { startRedis } from '../../support/redis.ts'
import { recordedLog, someSession } from '../../support/sessions.ts'

async function run(args: readonly string[], flags: readonly string[] = []) {
  const out: string[] = []
  const errors: string[] = []
  const code = await sessions({
    argv: [...args, ...requiredFlags, ...flags],
    env: {},
    readFile: () => assert.fail('reads a file'),
    print: (text) => out.push(text),
    printError: (text) => errors.push(text),
  })
  return { code, out: out.join('\n'), errors: errors.join('\n') }
}

/** The lines of the audit log among what was said of errors, without their time. */
function audited({ errors }: { readonly errors: string }): readonly object[] {
  const lines = errors.split('\n').filter((line) => line.startsWith('{'))
  return lines.map((line) => {
    const { time, ...said } = JSON.parse(line) as Record<string, unknown>
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000)
    return said
  })
}
const revoked = { level: 'info', log: 'audit', msg: 'session-revoked', by: 'operator' }

/** A store in which Alice is signed in twice and Bob once, and the command line that sees it. */
async function startSite(t: TestContext) {
  const redis = await startRedis(t)
  if (!redis) return undefined
  const flags = ['--session-store-type=redis', `--redis-connection-url=${redis.url}`]
  const deps = { clock: systemClock, log: recordedLog(), observe: () => undefined }
  const store = await createSessionStore(loadFlags(flags), deps)
  afterTest(t, () => store.close())
  await eventually(() => store.ping())
  const browsers: BrowserCookies[] = []
  for (const [index, user] of ['alice', 'alice', 'bob'].entries()) {
    const browser = createBrowserCookies()
    const session = someSession({
      id: `session-of-${user}-${index}`,
      identity: {
        user: `${user}-sub`,
        email: `${user}@x.example`,
        groups: [],
        preferredUsername: '',
      },
      providerSid: `sid-${index}`,
      createdAt: Date.UTC(2026, 1, 1 + index),
    })
    browser.take(await store.create(session, browser.request()))
    browsers.push(browser)
  }
  const states = () =>
    Promise.all(browsers.map(async ({ request }) => (await store.reload(request())).state))
  return { states, sallyport: (...args: readonly string[]) => run(args, flags) }
}

test('lists everyone, one person, or one session of the provider', async (t) => {
  const site = await startSite(t)
  if (!site) return
  const all = await site.sallyport('list')
  assert.equal(all.code, 0)
  const lines = all.out.split('\n')
  assert.match(lines[0] ?? '', /^SESSION +USER +EMAIL +SIGNED IN +ENDS +ADDRESS +BROWSER$/)
  assert.match(
    lines[1] ?? '',
    /^session-of-bob-2 +bob-sub +bob@x.example +2026-02-03T00:00:00Z +- +203.0.113.7 +Mozilla\/5.0 /,
  )
  assert.equal(lines.length, 4)
  for (const [args, count] of [
    [['--user=alice-sub'], 2],
    [['--user', 'ALICE@x.example'], 2],
    [['--sid=sid-2'], 1],
    [['--user=nobody'], 0],
  ] as const) {
    const { code, out } = await site.sallyport('list', ...args, '--json')
    assert.equal(code, 0)
    const cards = JSON.parse(out) as readonly object[]
    assert.equal(cards.length, count, args.join(' '))
    for (const card of cards) assert.ok(!('storeKey' in card) && !('tokens' in card))
  }
})

test('shows one session, and says when there is none', async (t) => {
  const site = await startSite(t)
  if (!site) return
  const shown = await site.sallyport('show', 'session-of-bob-2')
  assert.equal(shown.code, 0)
  assert.match(shown.out, /bob-sub/)
  assert.deepEqual(await site.sallyport('show', '--id=session-of-carol'), {
    code: 1,
    out: 'no such session',
    errors: '',
  })
})

test('SEC-30: ends one session, those of a person, and all', async (t) => {
  const site = await startSite(t)
  if (!site) return
  const one = await site.sallyport('revoke', 'session-of-alice-0')
  assert.equal(one.code, 0)
  assert.match(one.out, /session-of-alice-0[^]*\nsessions ended: 1$/)
  assert.deepEqual(await site.states(), ['invalid', 'found', 'found'])
  const again = await site.sallyport('revoke', 'session-of-alice-0')
  assert.deepEqual([again.code, again.out, again.errors], [1, 'sessions ended: 0', ''])
  assert.deepEqual(audited(one), [
    { ...revoked, user: 'alice-sub', sessionId: 'session-of-alice-0' },
  ])
  const ofAlice = await site.sallyport('revoke', '--user=alice@x.example', '--auth-logging=false')
  assert.equal(ofAlice.errors, '')
  assert.deepEqual(await site.states(), ['invalid', 'invalid', 'found'])
  assert.match((await site.sallyport('revoke', '--all')).out, /sessions ended: 1$/)
  assert.deepEqual(await site.states(), ['invalid', 'invalid', 'invalid'])
})

test('refuses what it cannot mean, and never ends all without being told so', async () => {
  for (const args of [
    [],
    ['revoke'],
    ['revoke', '--user=a', '--all'],
    ['revoke', 'id', '--sid=x'],
    ['list', 'id'],
    ['show'],
    ['show', '--user=a'],
    ['end', 'id'],
  ]) {
    const { code, errors } = await run(args)
    assert.equal(code, 2, args.join(' '))
    assert.match(errors, /^usage: sallyport sessions list/)
  }
})

test('says why sessions in cookies or in memory are not seen', async () => {
  for (const type of ['cookie', 'memory']) {
    for (const args of [['list'], ['revoke', '--all']]) {
      const { code, errors } = await run(args, [`--session-store-type=${type}`])
      assert.equal(code, 1)
      assert.match(
        errors,
        new RegExp(`^sallyport: session_store_type is ${type}: sessions live in`),
      )
    }
  }
})

test('SEC-30: with a Redis besides, sessions in cookies are revoked unseen', async (t) => {
  const redis = await startRedis(t)
  if (!redis) return
  const flags = [`--redis-connection-url=${redis.url}`]
  const deps = { clock: systemClock, log: recordedLog(), observe: () => undefined }
  const store = await createSessionStore(loadFlags(flags), deps)
  afterTest(t, () => store.close())
  const browser = createBrowserCookies()
  browser.take(await store.create(someSession(), browser.request()))
  await eventually(async () => {
    assert.equal((await store.load(browser.request())).state, 'found')
  })
  const { code, out, ...said } = await run(['revoke', '--user=alice@example.com'], flags)
  assert.deepEqual(audited(said), [{ ...revoked, user: 'alice@example.com' }])
  assert.deepEqual([code, out], [0, 'revoked: sessions that this names are refused from now on'])
  await withinASecond(async () => {
    assert.equal((await store.load(browser.request())).state, 'invalid')
  })
  const listed = await run(['list'], flags)
  assert.equal(listed.code, 1)
  assert.match(listed.errors, /where nobody can list them/)
})

test('says what is wrong with its configuration, with no secret in it', async () => {
  const { code, errors } = await run(['list'], ['--cookie-expire=never'])
  assert.equal(code, 1)
  assert.match(errors, /cookie_expire/)
  assert.doesNotMatch(errors, /client-secret-value|0123456789abcdef/)
})

test('SEC-48: an unreachable Redis is an error, not an empty list', async (t) => {
  t.mock.method(performance, 'now', createFastClock())
  const url = `redis://127.0.0.1:${await freePort()}`
  const flags = ['--session-store-type=redis', `--redis-connection-url=${url}`]
  const { code, out, errors } = await run(['list'], flags)
  assert.deepEqual([code, out], [1, ''])
  assert.match(errors, /sallyport: redis ping: not connected/)
})

/** A second at each look. */
function createFastClock(): () => number {
  let seconds = 0
  return () => (seconds += 1) * 1000
}
