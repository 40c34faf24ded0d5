import assert from 'node:assert/strict'
import { test } from 'node:test'
import { render } from '../../../src/pages/html.ts'
import { fill, prose } from '../../../src/pages/prose.ts'

test('fills the placeholders that have a value', () => {
  assert.equal(fill('to {host} by {other}', { host: 'a.example' }), 'to a.example by {other}')
})

test('sets backquoted parts as code', () => {
  assert.equal(render(prose('Check `scope`.')), 'Check <code>scope</code>.')
})

test('reads no markup and no placeholder out of a value', () => {
  const values = { provider: '`x` {host} <b>', host: 'secret' }
  assert.equal(render(prose('At {provider}', values)), 'At &#96;x&#96; {host} &#60;b&#62;')
})
