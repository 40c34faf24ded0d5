import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  clientId,
  clientSecret,
  enumeration,
  secret,
  text,
} from '../../../../src/config/kinds/text.ts'
import { Secret } from '../../../../src/lib/secret.ts'
import { accepts, refuses } from './kind-cases.ts'

accepts('a string', text, [
  ['', ''],
  [' as is ', ' as is '],
  [271_863_527_485_685_763n, '271863527485685763'],
  [true, 'true'],
])
refuses('a string', text, [[['a'], /one value, not a list/]])

test('a secret keeps its value and never prints it', () => {
  const parsed = secret.parse('hush-hush')
  assert.ok(parsed.ok)
  assert.ok(parsed.value instanceof Secret)
  assert.equal(parsed.value.reveal(), 'hush-hush')
  assert.equal(String(parsed.value), '[secret]')
})

for (const placeholder of [
  '{CLIENT_ID}',
  '${CLIENT_ID}',
  '{{ client.id }}',
  '<your id>',
  ' {X} ',
]) {
  refuses('a client id', clientId, [[placeholder, /placeholder/]])
  refuses('a client secret', clientSecret, [[placeholder, /placeholder/]])
}
accepts('a client id', clientId, [
  ['app', 'app'],
  ['a{b}c', 'a{b}c'],
])

accepts('a choice', enumeration(['', 'lax']), [
  ['', ''],
  ['lax', 'lax'],
])
refuses('a choice', enumeration(['', 'lax']), [
  ['Lax', /is none of: '' \(empty\), lax/],
  [['lax'], /not a list/],
])
