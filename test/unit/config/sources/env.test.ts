import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readEnv } from '../../../../src/config/sources/env.ts'
import { problems } from '../load-with.ts'

test('reads variables by the key in capitals and names them as source', () => {
  assert.deepEqual(readEnv({ OAUTH2_PROXY_EMAIL_DOMAINS: 'a,b', PATH: '/bin' }), {
    settings: [
      {
        key: 'email_domains',
        raw: 'a,b',
        source: 'environment variable OAUTH2_PROXY_EMAIL_DOMAINS',
      },
    ],
    findings: [],
  })
})

test('takes an empty variable for unset', () => {
  assert.deepEqual(readEnv({ OAUTH2_PROXY_CLIENT_ID: '', OAUTH2_PROXY_XYZZY: undefined }), {
    settings: [],
    findings: [],
  })
})

for (const [name, suggestion] of [
  ['OAUTH2_PROXY_EMAIL_DOMAIN', 'did you mean OAUTH2_PROXY_EMAIL_DOMAINS?'],
  ['OAUTH2_PROXY_CLIENT_IDD', 'did you mean OAUTH2_PROXY_CLIENT_ID?'],
  ['OAUTH2_PROXY_XYZZY', 'remove it; --help lists what there is'],
] as const) {
  test(`finds that ${name} means nothing`, () => {
    const { settings, findings } = readEnv({ [name]: 'x' })
    assert.deepEqual(settings, [])
    assert.deepEqual(problems(findings), [`${name} is not a variable that anything reads`])
    assert.equal(findings[0]?.fix, suggestion)
  })
}

test('stays silent about the variables of a Kubernetes Service called oauth2-proxy', () => {
  const names = [
    'SERVICE_HOST',
    'SERVICE_PORT',
    'SERVICE_PORT_HTTP',
    'PORT',
    'PORT_4180_TCP',
    'PORT_4180_TCP_PROTO',
    'PORT_4180_TCP_PORT',
    'PORT_4180_TCP_ADDR',
  ]
  const env = Object.fromEntries(names.map((name) => [`OAUTH2_PROXY_${name}`, 'tcp://10.0.0.1']))
  assert.deepEqual(readEnv(env), { settings: [], findings: [] })
})
