import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkConfig } from '../../../src/cli/check-config.ts'

const good = [
  '--provider=oidc',
  '--oidc-issuer-url=https://sso.example.com',
  '--client-id=app',
  '--client-secret=hush-hush',
  '--cookie-secret=0123456789abcdef',
  '--email-domain=*',
]

function run(argv: readonly string[]): { code: number; output: string } {
  const lines: string[] = []
  const code = checkConfig({
    argv,
    env: {},
    readFile: () => assert.fail('reads a file'),
    print: (text) => lines.push(text),
  })
  return { code, output: lines.join('\n') }
}

test('a good configuration is ok', () => {
  assert.deepEqual(run(good), { code: 0, output: 'configuration ok' })
})

test('warnings are printed and do not fail', () => {
  const { code, output } = run([...good, '--cookie-httponly=false'])
  assert.equal(code, 0)
  assert.match(output, /^warnings: 1 finding\n\ncookie_httponly is off/)
  assert.match(output, /\nconfiguration ok$/)
})

test('findings are printed before warnings, and fail', () => {
  const { code, output } = run([...good, '--cookie-httponly=false', '--client-id='])
  assert.equal(code, 1)
  assert.match(output, /^invalid configuration: 1 finding\n\nclient_id is required\n/)
  assert.match(output, /\nwarnings: 1 finding\n/)
  assert.doesNotMatch(output, /configuration ok/)
})
