import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { requiredFlags } from '../../support/app.ts'
import { afterTest } from '../../support/cleanup.ts'
import { temporaryFolder } from '../../support/process.ts'

function sallyport(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['src/main.ts', ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    timeout: 30_000,
  })
  return { status, stdout, stderr }
}

function configFile(t: TestContext, text: string): string {
  const file = join(temporaryFolder(t), 'sallyport.toml')
  writeFileSync(file, text)
  return file
}

test('tells its version and its help', () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string }
  for (const args of [['--version'], ['version'], ['--client-id=x', '--version']]) {
    assert.deepEqual(sallyport(args), { status: 0, stdout: `sallyport ${version}\n`, stderr: '' })
  }
  for (const args of [['--help'], ['help']]) {
    const { status, stdout } = sallyport(args)
    assert.equal(status, 0)
    assert.match(stdout, /--oidc-issuer-url/)
  }
})

test('makes a new secret each time, good for cookie_secret', () => {
  const [first, second] = [sallyport(['generate-secret']), sallyport(['generate-secret'])]
  assert.match(first.stdout, /^[\w-]{43}\n$/)
  assert.notEqual(first.stdout, second.stdout)
})

test('check-config says what is wrong with file, line and fix, and exits with 1', (t) => {
  const file = configFile(t, 'provider = "oidc"\nemail_domain = ["*"]\ncookie_expire = "7d"\n')
  for (const args of [
    ['check-config', '--config', file],
    ['--config', file, '--config-test'],
  ]) {
    const { status, stdout } = sallyport(args)
    assert.equal(status, 1)
    for (const part of [`${file} line 2`, 'email_domains', `${file} line 3`, 'client_id']) {
      assert.ok(stdout.includes(part), `${part} in ${stdout}`)
    }
  }
})

test('check-config is content with a good configuration', () => {
  const { status, stdout } = sallyport(['check-config', ...requiredFlags])
  assert.equal(status, 0)
  assert.match(stdout, /configuration ok/)
})

test('does not start with a broken configuration, and names no secret', () => {
  const { status, stderr } = sallyport(
    requiredFlags.filter((flag) => !flag.startsWith('--client-id')),
    { OAUTH2_PROXY_COOKIE_EXPIRE: 'never' },
  )
  assert.equal(status, 1)
  assert.match(stderr, /client_id/)
  assert.match(stderr, /OAUTH2_PROXY_COOKIE_EXPIRE/)
  assert.doesNotMatch(stderr, /client-secret-value|0123456789abcdef/)
})

test('refuses a command that it does not know', () => {
  const { status, stderr } = sallyport(['serv'])
  assert.equal(status, 2)
  assert.match(stderr, /unknown command serv/)
})

test('ends with 1 and a line that says why when its port is taken', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => server.close())
  const { port } = server.address() as AddressInfo
  const flags = requiredFlags.filter((flag) => !flag.startsWith('--http-address'))
  const { status, stdout } = sallyport([...flags, `--http-address=127.0.0.1:${port}`])
  assert.equal(status, 1)
  assert.match(stdout, /"msg":"cannot run"/)
  assert.match(stdout, /EADDRINUSE/)
})

test('ends with 1 when the file of e-mail addresses cannot be read', () => {
  const { status, stdout } = sallyport([...requiredFlags, '--authenticated-emails-file=/nowhere'])
  assert.equal(status, 1)
  assert.match(stdout, /authenticated_emails_file \/nowhere is unreadable/)
})
