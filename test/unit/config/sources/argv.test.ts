import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RawValue } from '../../../../src/config/kind.ts'
import { readArgv } from '../../../../src/config/sources/argv.ts'
import { problems } from '../load-with.ts'

const readings: readonly (readonly [
  argv: readonly string[],
  settings: Record<string, RawValue>,
])[] = [
  [['--client-id=app'], { client_id: 'app' }],
  [['--client-id', 'app'], { client_id: 'app' }],
  [['--client-id='], { client_id: '' }],
  [['--client-id=a=b'], { client_id: 'a=b' }],
  [['--client-secret', '--looks-like-a-flag'], { client_secret: '--looks-like-a-flag' }],
  [['--client-id=a', '--client-id=b'], { client_id: 'b' }],
  [['--reverse-proxy'], { reverse_proxy: 'true' }],
  [['--reverse-proxy=false'], { reverse_proxy: 'false' }],
  [['--reverse-proxy', '--force-https'], { reverse_proxy: 'true', force_https: 'true' }],
  [['--email-domain=a', '--email-domain', 'b,c'], { email_domains: ['a', 'b', 'c'] }],
  [['--skip-auth-route="GET=^/a{1,2}",^/b'], { skip_auth_routes: ['GET=^/a{1,2}', '^/b'] }],
  [['--email-domain='], { email_domains: [] }],
  [['--cookie-secret=a,b'], { cookie_secret: 'a,b' }],
  [['--google-group=a'], { google_groups: ['a'] }],
  [['--google-use-organization-id', 'true'], { google_use_organization_id: 'true' }],
  [['--config=app.toml'], { config: 'app.toml' }],
]
for (const [argv, expected] of readings) {
  test(`reads ${argv.join(' ')}`, () => {
    const { settings, findings } = readArgv(argv)
    assert.deepEqual(findings, [])
    assert.deepEqual(Object.fromEntries(settings.map(({ key, raw }) => [key, raw])), expected)
  })
}

const refusals: readonly (readonly [argv: readonly string[], problem: string, fix: RegExp])[] = [
  [['--client-ids=app'], '--client-ids is not a flag', /did you mean --client-id\?/],
  [['--email-domains=a'], '--email-domains is not a flag', /did you mean --email-domain\?/],
  [['--email_domain=a'], '--email_domain is not a flag', /did you mean --email-domain\?/],
  [['--xyzzy', 'value'], '--xyzzy is not a flag', /--help/],
  [['--client-id'], '--client-id has no value', /write --client-id=value/],
  [['--cookie-secure='], '--cookie-secure has no value', /--cookie-secure=value/],
  [['--email-domain="a'], '--email-domain has unbalanced quotes', /CSV/],
  [['-config=x'], 'argument 1 is not a flag', /--flag=value/],
  [['--reverse-proxy', 'false'], 'argument 2 is not a flag', /--flag=false/],
  [['--'], 'argument 1 is not a flag', /--flag=value/],
]
for (const [argv, problem, fix] of refusals) {
  test(`refuses ${argv.join(' ')}`, () => {
    const { findings } = readArgv(argv)
    assert.deepEqual(problems(findings), [problem])
    assert.match(findings[0]?.fix ?? '', fix)
    assert.equal(findings[0]?.source, 'command line')
  })
}

test('names the flag as source', () => {
  const [setting] = readArgv(['--email-domain=a']).settings
  assert.equal(setting?.source, 'flag --email-domain')
})
