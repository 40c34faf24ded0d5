import assert from 'node:assert/strict'
import { test } from 'node:test'
import { helmTemplate, requiredValues, requireHelms } from '../support/chart.ts'

const redis = { session_store_type: 'redis' }

/** Values that the chart refuses, and what it says. */
const refused: readonly (readonly [name: string, values: object, says: RegExp])[] = [
  ['no issuer', { config: { oidc_issuer_url: '' } }, /add: --set config\.oidc_issuer_url=/],
  ['no client', { config: { client_id: '' } }, /add: --set-string config\.client_id=/],
  [
    'no Secret',
    { existingSecret: '' },
    /keys client-secret, cookie-secret .* add: --set existingSecret=/,
  ],
  [
    'no cookie secret',
    { secrets: { cookie_secret: { key: '' } } },
    /add: --set secrets\.cookie_secret\.key=/,
  ],
  [
    'neither client secret nor PKCE',
    { secrets: { client_secret: { key: '' } } },
    /add: --set config\.code_challenge_method=S256/,
  ],
  [
    'a secret as a value',
    { config: { client_secret: 'x' } },
    /config\.client_secret would be readable .* secrets\.client_secret\.key=KEY/,
  ],
  [
    'a password in the URL of Redis',
    { config: { ...redis, redis_connection_url: 'redis://:x@redis' } },
    /config\.redis_connection_url would be readable/,
  ],
  ['redis without a URL', { config: redis }, /add: --set config\.redis_connection_url=/],
  [
    'the file of a secret',
    { config: { cookie_secret_file: '/x' } },
    /config\.cookie_secret_file is what the chart sets/,
  ],
  [
    'an address',
    { config: { http_address: ':1' } },
    /config\.http_address is what the chart sets; instead add: --set ports\.http=/,
  ],
  [
    'sessions of one process in two',
    { config: { session_store_type: 'memory' } },
    /add: --set replicaCount=1/,
  ],
  [
    'no time to drain',
    { terminationGracePeriodSeconds: 14 },
    /add: --set terminationGracePeriodSeconds=15/,
  ],
  [
    'two sources of certificates',
    { trustedCA: { configMapName: 'a', secretName: 'b' } },
    /trustedCA takes one source/,
  ],
  [
    'an image older than the chart',
    { image: { tag: '0.0.9' } },
    /image\.tag 0\.0\.9 is older than this chart can run/,
  ],
]

for (const [name, values, says] of refused) {
  test(`refused with the line to add: ${name}`, (t) => {
    for (const helm of requireHelms(t)) {
      const merged = {
        ...requiredValues,
        ...values,
        config: {
          ...requiredValues.config,
          ...('config' in values ? (values.config as object) : {}),
        },
      }
      const { ok, error } = helmTemplate({ helm, values: merged })
      assert.equal(ok, false)
      assert.match(error, says)
    }
  })
}

/** Values that the schema refuses, and where. */
const misspelt: readonly (readonly [name: string, values: object, says: RegExp])[] = [
  ['an unknown value', { replicacount: 5 }, /replicacount/],
  ['an unknown option', { config: { cookie_secur: true } }, /cookie_secur/],
  ['an option of another type', { config: { cookie_secure: 'sometimes' } }, /cookie_secure/],
  ['an option that is not served', { config: { github_org: 'x' } }, /github_org/],
  ['a secret that has no file', { config: { basic_auth_password: 'x' } }, /basic_auth_password/],
  ['an unknown secret', { secrets: { cookie: { key: 'x' } } }, /cookie/],
  ['a digest that is none', { image: { digest: 'latest' } }, /digest/],
]

for (const [name, values, says] of misspelt) {
  test(`refused by the schema: ${name}`, (t) => {
    for (const helm of requireHelms(t)) {
      const { ok, error } = helmTemplate({ helm, values: { ...requiredValues, ...values } })
      assert.equal(ok, false)
      assert.match(error, /values don't meet the specifications of the schema/)
      assert.match(error, says)
    }
  })
}

test('all findings come at once', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const { error } = helmTemplate({ helm })
  assert.match(error, /oidc_issuer_url/)
  assert.match(error, /client_id/)
  assert.match(error, /existingSecret/)
})

test('an umbrella chart may pass its globals and its condition', (t) => {
  for (const helm of requireHelms(t)) {
    const values = { ...requiredValues, enabled: true, global: { domain: 'example.com' } }
    assert.equal(helmTemplate({ helm, values }).error, '')
  }
})

test('a public client needs no client secret', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const values = {
    ...requiredValues,
    config: { ...requiredValues.config, code_challenge_method: 'S256' },
    secrets: { client_secret: { key: '' } },
  }
  const { ok, text } = helmTemplate({ helm, values })
  assert.ok(ok)
  assert.doesNotMatch(text, /client_secret/)
})
