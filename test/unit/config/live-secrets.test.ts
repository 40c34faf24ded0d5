import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createLiveSecrets } from '../../../src/config/live-secrets.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { afterTest } from '../../support/cleanup.ts'
import { temporaryFolder } from '../../support/process.ts'
import { recordedLog } from '../../support/sessions.ts'
import { mockTimeouts } from '../../support/ticks.ts'

const [a, b, c] = ['a'.repeat(32), 'b'.repeat(32), 'c'.repeat(32)]

/** Nothing comes from a file. */
const noFiles = {
  client_secret: new Secret('at the start'),
  client_secret_file: '',
  client_assertion_file: '',
  cookie_secret: [new Secret('0123456789abcdef')],
  cookie_secret_file: '',
  admin_token: new Secret(a),
  admin_token_file: '',
  redis_password: new Secret('of redis'),
  redis_password_file: '',
  redis_sentinel_password: new Secret('of the sentinels'),
  redis_sentinel_password_file: '',
  redis_connection_url: 'redis://one',
  redis_connection_url_file: '',
}

function live(t: TestContext, cookieFile = `${a}\n`, clientFile = 'first client secret\n') {
  const tick = mockTimeouts(t)
  const folder = temporaryFolder(t)
  const cookiePath = join(folder, 'cookie')
  const clientPath = join(folder, 'client')
  writeFileSync(cookiePath, cookieFile)
  writeFileSync(clientPath, clientFile)
  const log = recordedLog()
  const files = { client_secret_file: clientPath, cookie_secret_file: cookiePath }
  const options = { ...noFiles, ...files }
  const secrets = createLiveSecrets({ options, log })
  afterTest(t, () => secrets.close())
  return {
    secrets,
    log,
    cookies: () => secrets.cookieSecrets().map((secret) => secret.reveal()),
    write(path: 'cookie' | 'client', content: string) {
      writeFileSync(path === 'cookie' ? cookiePath : clientPath, content)
      tick(10_000)
    },
  }
}

test('reads one cookie secret a line, and reads them again when the file changes', (t) => {
  const { secrets, cookies, write, log } = live(t, `${a}\r\n\n  ${b}\n`)
  assert.deepEqual(cookies(), [a, b])
  assert.equal(secrets.cookieSecrets(), secrets.cookieSecrets(), 'one list while nothing changes')
  write('cookie', `${c}\n${a}`)
  assert.deepEqual(cookies(), [c, a])
  assert.deepEqual(log.lines, [
    { level: 'info', event: 'cookie_secret reloaded', fields: { secrets: 2, kept: 1 } },
  ])
})

test('a single line may hold several secrets, as the option may', (t) => {
  assert.deepEqual(live(t, `${a}, ${b}`).cookies(), [a, b])
})

test('warns when no secret of before is left', (t) => {
  const { cookies, write, log } = live(t)
  write('cookie', b)
  assert.deepEqual(cookies(), [b])
  assert.deepEqual(
    log.lines.map(({ level, event }) => `${level} ${event}`),
    ['warn cookie_secret replaced: no session of before opens any more'],
  )
})

for (const [name, content, cause] of [
  ['empty', '', 'is empty'],
  ['too short', `${b}\nshort`, 'is shorter than 16 bytes'],
  ['an example', '<your cookie secret>', 'is still the placeholder of an example'],
  ['binary', '\u{fffd}'.repeat(32), 'is binary, not text'],
] as const) {
  test(`SEC-52: a file that is ${name} changes nothing and is told once`, (t) => {
    const { secrets, cookies, write, log } = live(t)
    const before = secrets.cookieSecrets()
    write('cookie', content)
    write('cookie', content)
    assert.equal(secrets.cookieSecrets(), before)
    assert.deepEqual(
      log.lines.map(({ level, event, fields }) => [
        level,
        event,
        'cause' in fields && fields.cause,
      ]),
      [['error', 'cookie_secret kept as it was: its file cannot be used', cause]],
    )
    write('cookie', b)
    assert.deepEqual(cookies(), [b])
  })
}

test('follows the file of the client secret', (t) => {
  const { secrets, write, log } = live(t)
  assert.equal(secrets.clientSecret().reveal(), 'first client secret')
  write('client', 'second client secret')
  assert.equal(secrets.clientSecret().reveal(), 'second client secret')
  write('client', '\n')
  assert.equal(secrets.clientSecret().reveal(), 'second client secret')
  assert.deepEqual(
    log.lines.map(({ event }) => event),
    ['client_secret reloaded', 'client_secret kept as it was: its file cannot be used'],
  )
})

test('SEC-33: no line holds anything of a secret', (t) => {
  const { write, log } = live(t)
  write('cookie', `${c}\nsecretive`)
  write('cookie', b)
  write('client', '${secretive}')
  const text = JSON.stringify(log.lines)
  for (const part of [a, b, c, 'secretive']) assert.ok(!text.includes(part), text)
})

test('secrets that are no files stay as the options have them', () => {
  const secrets = createLiveSecrets({ options: noFiles, log: recordedLog() })
  assert.equal(secrets.clientSecret(), noFiles.client_secret)
  assert.equal(secrets.clientAssertion(), undefined)
  assert.equal(secrets.cookieSecrets(), noFiles.cookie_secret)
  assert.equal(secrets.adminToken(), noFiles.admin_token)
  const { redis_password, redis_sentinel_password, redis_connection_url } = noFiles
  const ofRedis = { redis_password, redis_sentinel_password, redis_connection_url }
  assert.deepEqual(secrets.redis(), ofRedis)
  secrets.close()
})

test('follows the token that stands for a client secret, and takes nothing else for one', (t) => {
  const tick = mockTimeouts(t)
  const path = join(temporaryFolder(t), 'token')
  const write = (content: string): void => {
    writeFileSync(path, content)
    tick(10_000)
  }
  writeFileSync(path, 'aa.bb.cc\n')
  const options = { ...noFiles, client_assertion_file: path }
  const log = recordedLog()
  const secrets = createLiveSecrets({ options, log })
  afterTest(t, () => secrets.close())
  assert.equal(secrets.clientAssertion()?.reveal(), 'aa.bb.cc')
  write('dd.ee.ff')
  assert.equal(secrets.clientAssertion()?.reveal(), 'dd.ee.ff')
  write('dd.ee')
  assert.equal(secrets.clientAssertion()?.reveal(), 'dd.ee.ff')
  assert.equal(log.lines.at(-1)?.event, 'client_assertion kept as it was: its file cannot be used')
})

for (const [option, first, second, unfit] of [
  ['redis_password', 'first word', 'second word', ''],
  ['redis_sentinel_password', 'first word', 'second word', ''],
  ['redis_connection_url', 'redis://:one@cache', 'redis://:two@cache', 'redis://:%zz@cache'],
  ['admin_token', b, c, 'too short'],
] as const) {
  test(`follows the file of ${option}`, (t) => {
    const tick = mockTimeouts(t)
    const path = join(temporaryFolder(t), 'secret')
    writeFileSync(path, `${first}\n`)
    const log = recordedLog()
    const secrets = createLiveSecrets({ options: { ...noFiles, [`${option}_file`]: path }, log })
    afterTest(t, () => secrets.close())
    const current = () => {
      const value = { ...secrets.redis(), admin_token: secrets.adminToken() }[option]
      return typeof value === 'string' ? value : value.reveal()
    }
    assert.equal(current(), first)
    for (const content of [second, unfit]) {
      writeFileSync(path, content)
      tick(10_000)
      assert.equal(current(), second)
    }
    assert.deepEqual(
      log.lines.map(({ event }) => event),
      [`${option} reloaded`, `${option} kept as it was: its file cannot be used`],
    )
  })
}
