import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sessionTable } from '../../../src/cli/session-table.ts'

const card = {
  id: 'one',
  user: 'alice-sub',
  email: '',
  preferredUsername: 'alice',
  providerSid: '',
  browser: { address: '', userAgent: 'Mozilla/5.0' },
  createdAt: Date.UTC(2026, 0, 1),
  expiresAt: Date.UTC(2026, 0, 2, 3, 4, 5),
}

test('lines up its columns, with a dash for what is not known', () => {
  assert.equal(
    sessionTable([card, { ...card, id: 'another-one', expiresAt: 0 }]),
    [
      'SESSION      USER       EMAIL  SIGNED IN             ENDS                  ADDRESS  BROWSER',
      'one          alice-sub  -      2026-01-01T00:00:00Z  2026-01-02T03:04:05Z  -        Mozilla/5.0',
      'another-one  alice-sub  -      2026-01-01T00:00:00Z  -                     -        Mozilla/5.0',
    ].join('\n'),
  )
})

test('a browser that calls itself an escape sequence commands no terminal', () => {
  const userAgent = '\u001b[2J\u009b31m\u202e\r\nEvil\u0007'
  const table = sessionTable([{ ...card, browser: { address: '', userAgent } }])
  const commands = ['\u001b', '\u009b', '\u202e', '\r', '\u0007']
  for (const command of commands) assert.ok(!table.includes(command))
  assert.equal(table.split('\n').length, 2)
  assert.match(table, /Evil/)
})
