import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { denyTexts, failureTexts, unavailableTexts } from '../../../src/pages/texts.ts'

const reference = readFileSync(
  new URL('../../../docs/reference/options.md', import.meta.url),
  'utf8',
)
/** Keys of the options that are served: `| key | flag | variable | type | default | served | ...`. */
const servedOptions = new Set(
  reference.split('\n').flatMap((line) => {
    const [, key = '', , , , , served] = line.split('|').map((cell) => cell.trim())
    return served === 'yes' || served === 'ours' ? [key.replaceAll('`', '')] : []
  }),
)
const protocolWords = ['access_denied', 'invalid_client', 'invalid_grant', 'email', 'sub', 'issuer']
/** Of the check's query, not of the configuration. */
const queryLimits = ['allowed_groups', 'allowed_emails', 'allowed_email_domains']
const known = new Set([...servedOptions, ...protocolWords, ...queryLimits])

for (const [reason, text] of Object.entries({
  ...failureTexts,
  ...denyTexts,
  ...unavailableTexts,
})) {
  test(`the text for ${reason} names only options that exist`, () => {
    const named = [...text.operator.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)
    assert.deepEqual(
      named.filter((word) => !known.has(word)),
      [],
    )
  })

  test(`the text for ${reason} speaks to people without the names of options`, () => {
    assert.doesNotMatch(text.title + text.happened + text.person, /`|\w_\w/)
  })
}
