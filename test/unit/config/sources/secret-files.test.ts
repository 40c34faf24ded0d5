import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf, loadWith, optionsOf, problems } from '../load-with.ts'

const files = {
  '/run/client': 'from a file\n',
  '/run/cookie': 'cookie secret of a file\r\n',
  '/run/redis': ' spaces are kept ',
  '/run/url': 'rediss://r:6379\n',
  '/run/empty': '\n',
  '/run/binary': '\u{fffd}'.repeat(32),
}

test('reads secrets from files without the newline at their end', () => {
  const options = optionsOf(
    loadWith(
      {
        client_secret: undefined,
        client_secret_file: '/run/client',
        cookie_secret: undefined,
        cookie_secret_file: '/run/cookie',
        redis_password_file: '/run/redis',
        redis_connection_url_file: '/run/url',
      },
      { files },
    ),
  )
  assert.equal(options.client_secret.reveal(), 'from a file')
  assert.deepEqual(
    options.cookie_secret.map((secret) => secret.reveal()),
    ['cookie secret of a file'],
  )
  assert.equal(options.redis_password.reveal(), ' spaces are kept ')
  assert.equal(options.redis_connection_url, 'rediss://r:6379')
})

test('does not read the file of a secret that is given directly', () => {
  const options = optionsOf(loadWith({ client_secret_file: '/run/none' }))
  assert.equal(options.client_secret.reveal(), 'hush-hush')
  assert.equal(options.client_secret_file, '', 'nor later')
})

test('takes an empty secret for none, and reads the file', () => {
  const values = { client_secret: '', cookie_secret: [], cookie_secret_file: '/run/cookie' }
  const options = optionsOf(loadWith({ ...values, client_secret_file: '/run/client' }, { files }))
  assert.equal(options.client_secret.reveal(), 'from a file')
  assert.equal(options.cookie_secret.length, 1)
})

for (const [path, problem] of [
  ['/run/none', 'does not exist'],
  ['/run/empty', 'names an empty file'],
] as const) {
  test(`a secret's file that ${problem} is the only finding`, () => {
    const findings = findingsOf(
      loadWith({ cookie_secret: undefined, cookie_secret_file: path }, { files }),
    )
    assert.deepEqual(problems(findings), [`cookie_secret_file ${problem}`])
    assert.match(findings[0]?.source ?? '', /^app\.toml line \d+$/)
  })
}

test('refuses a binary file, whose bytes no text can hold', () => {
  const findings = findingsOf(
    loadWith({ cookie_secret: undefined, cookie_secret_file: '/run/binary' }, { files }),
  )
  assert.deepEqual(problems(findings), ['cookie_secret is binary, not text'])
  assert.equal(findings[0]?.source, 'file /run/binary')
})

test('a file of cookie secrets holds one a line', () => {
  const lines = '  0123456789abcdef\r\n\nfedcba9876543210, with a comma\n'
  const options = optionsOf(
    loadWith(
      { cookie_secret: undefined, cookie_secret_file: '/run/lines' },
      { files: { '/run/lines': lines } },
    ),
  )
  assert.deepEqual(
    options.cookie_secret.map((secret) => secret.reveal()),
    ['0123456789abcdef', 'fedcba9876543210, with a comma'],
  )
})
