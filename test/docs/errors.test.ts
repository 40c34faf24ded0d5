import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

const text = readFileSync('docs/reference/errors.md', 'utf8')
const explained = [...text.matchAll(/^\| `([^`]+)` +\|/gm)].map(([, message = '']) => message)

/** Template literals by their constant end. */
const logged = globSync('src/**/*.ts').flatMap((path) => {
  const calls = readFileSync(path, 'utf8').matchAll(
    /\blog\.(?:warn|error)\(\s*(?:'([^']+)'|`(?:[^`]*\})?([^`]+)`)/g,
  )
  return [...calls].map(([, whole, end]) => whole ?? end?.trim() ?? '')
})

test('every warning and error of the log is explained, with what to do', () => {
  assert.ok(logged.length > 30)
  const missing = logged.filter((message) => !explained.some((known) => known.endsWith(message)))
  assert.deepEqual(missing, [])
})

test('no message is explained that nobody logs', () => {
  const stale = explained.filter((message) => !logged.some((known) => message.endsWith(known)))
  assert.deepEqual(stale, [])
})
