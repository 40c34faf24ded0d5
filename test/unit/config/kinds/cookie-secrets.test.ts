import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieSecrets } from '../../../../src/config/kinds/cookie-secrets.ts'
import type { RawValue } from '../../../../src/config/kind.ts'
import { refuses } from './kind-cases.ts'

const long = 'a secret of any length'
const other = 'another one, with comma'
const cases: readonly (readonly [name: string, raw: RawValue, secrets: readonly string[]])[] = [
  ['nothing', '', []],
  ['an empty list', [], []],
  ['16 raw bytes with a comma', '0123456,89abcdef', ['0123456,89abcdef']],
  ['32 raw bytes', 'x'.repeat(32), ['x'.repeat(32)]],
  ['24 bytes of base64url', 'A'.repeat(32), ['A'.repeat(32)]],
  ['32 bytes of padded base64url', `${'A'.repeat(43)}=`, [`${'A'.repeat(43)}=`]],
  ['any longer string', long, [long]],
  ['two at a comma', `${'x'.repeat(20)}, ${'y'.repeat(20)}`, ['x'.repeat(20), 'y'.repeat(20)]],
  ['a list, never split', [long, other], [long, other]],
  ['multi-byte characters, counted in bytes', 'ééééééé1é', ['ééééééé1é']],
]
for (const [name, raw, secrets] of cases) {
  test(`cookie secrets take ${name}`, () => {
    const parsed = cookieSecrets.parse(raw)
    assert.ok(parsed.ok)
    assert.deepEqual(
      parsed.value.map((secret) => secret.reveal()),
      secrets,
    )
  })
}

refuses('cookie secrets', cookieSecrets, [
  ['too short', /shorter than 16 bytes/],
  [`${'x'.repeat(20)},short`, /shorter than 16 bytes/],
  [['x'.repeat(20), 'short'], /shorter than 16 bytes/],
  ['{SUPPLY_SOME_SECRET_HERE}', /placeholder/],
  [['x'.repeat(20), '{OLD_SECRET}'], /placeholder/],
  [`binary ${'\u{fffd}'.repeat(16)}`, /binary/],
])
