import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import { checkConfig } from '../../../src/cli/check-config.ts'
import { flagOf, variableOf, type Option } from '../../../src/config/option.ts'
import { optionTable } from '../../../src/config/options.ts'
import { loadWith, memoryFiles, minimal } from './load-with.ts'

const table: Readonly<Record<string, Option<unknown>>> = optionTable
const secretKeys = Object.keys(table).filter((key) => table[key]?.kind.secret)
const urlKeys = ['oidc_issuer_url', 'redirect_url', 'backend_logout_url', 'upstreams', 'login_url']

/** Never part of a key, a fix or another text of ours. */
const secrets = fc
  .string({
    minLength: 6,
    maxLength: 40,
    unit: fc.constantFrom(...'a b x Y Z 0 9 - _ , . { } < > $'.split(' ')),
  })
  .map((text) => `Zq7${text}`)

/** Everything that `check-config` prints. */
function printed(sources: {
  argv?: readonly string[]
  env?: Readonly<Record<string, string>>
  file?: string
  secretFile?: string
}): string {
  const lines: string[] = []
  checkConfig({
    argv: ['--config=app.toml', ...(sources.argv ?? [])],
    env: sources.env ?? {},
    readFile: memoryFiles({
      'app.toml': sources.file ?? minimalToml,
      '/secret': sources.secretFile ?? '',
    }),
    print: (text) => lines.push(text),
  })
  return lines.join('\n')
}

const minimalToml = Object.entries(minimal)
  .map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`)
  .join('')

function neverPrints(name: string, print: (secret: string) => string): void {
  test(`SEC-33: never prints ${name}`, () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        assert.ok(!print(secret).includes(secret))
      }),
      { numRuns: 30 },
    )
  })
}

for (const key of secretKeys) {
  const flag = flagOf(key, table[key] ?? {})
  neverPrints(`${key} of a flag`, (secret) => printed({ argv: [`${flag}=${secret}`] }))
  neverPrints(`${key} of a variable`, (secret) => printed({ env: { [variableOf(key)]: secret } }))
  neverPrints(`${key} of a file`, (secret) => printed({ file: `${key} = "${secret}"` }))
  neverPrints(`${key} as a list`, (secret) => printed({ file: `${key} = ["${secret}", "short"]` }))
  neverPrints(`${key} without quotes`, (secret) => printed({ file: `${key} = ${secret}` }))
}

for (const key of [...urlKeys, 'redis_connection_url']) {
  neverPrints(`the password in ${key}`, (secret) =>
    printed({ file: `${key} = "redis://user:${secret}@host"` }),
  )
  neverPrints(`the password in ${key} over http`, (secret) =>
    printed({ env: { [variableOf(key)]: `http://user:${secret}@host` } }),
  )
}

for (const key of ['client_secret_file', 'cookie_secret_file', 'redis_connection_url_file']) {
  neverPrints(`the secret in ${key}`, (secret) =>
    printed({ file: `${key} = "/secret"`, secretFile: secret }),
  )
  neverPrints(`a secret given as ${key}`, (secret) => printed({ file: `${key} = "${secret}"` }))
}

neverPrints('an argument without its flag', (secret) => printed({ argv: [secret] }))
neverPrints('the value of an unknown flag', (secret) => printed({ argv: [`--secret=${secret}`] }))
neverPrints('the argument of an unknown flag', (secret) => printed({ argv: ['--secret', secret] }))
neverPrints('the value of an unknown variable', (secret) =>
  printed({ env: { OAUTH2_PROXY_SECRET: secret } }),
)
neverPrints('the value of an unknown key', (secret) => printed({ file: `secret = "${secret}"` }))

test('SEC-33: the loaded options do not print their secrets', () => {
  const loaded = loadWith({ client_secret: 'Zq7-client', cookie_secret: ['Zq7-cookie-secret'] })
  assert.ok(loaded.ok)
  assert.ok(!inspect(loaded, { depth: 10 }).includes('Zq7'))
  assert.ok(!JSON.stringify(loaded).includes('Zq7'))
})
