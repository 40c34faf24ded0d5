import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { helpText } from '../../../../src/config/describe/help.ts'
import { optionsJsonSchema } from '../../../../src/config/describe/json-schema.ts'
import { optionsMarkdown } from '../../../../src/config/describe/markdown.ts'
import { flagOf, variableOf, type Option } from '../../../../src/config/option.ts'
import { optionTable } from '../../../../src/config/options.ts'
import { commandLineOptions } from '../../../../src/config/options/command-line.ts'

const reference = new URL('../../../../docs/reference/', import.meta.url)
const entries = Object.entries<Option<unknown>>({ ...optionTable, ...commandLineOptions })

test('docs/reference/options.md is what the table says (npm run generate)', () => {
  const committed = readFileSync(new URL('options.md', reference), 'utf8')
  assert.equal(committed, optionsMarkdown())
})

test('docs/reference/options.schema.json is what the table says (npm run generate)', () => {
  const committed: unknown = JSON.parse(
    readFileSync(new URL('options.schema.json', reference), 'utf8'),
  )
  assert.deepEqual(committed, optionsJsonSchema())
})

test('the page has a row for every option', () => {
  const page = optionsMarkdown()
  for (const [key, option] of entries) {
    assert.ok(page.includes(`\`${flagOf(key, option)}\``), key)
    if (key in optionTable) assert.ok(page.includes(`| \`${key}\` |`), key)
    if (key in optionTable) assert.ok(page.includes(`\`${variableOf(key)}\``), key)
  }
})

test('every row of the page has as many cells as its head', () => {
  const rows = optionsMarkdown()
    .split('\n')
    .filter((line) => line.startsWith('|'))
  const cells = new Set(rows.map((line) => line.split(/(?<!\\)\|/).length - 2))
  assert.deepEqual(cells, new Set([5, 7]))
})

test('--help names every served flag and no other, in lines that fit a terminal', () => {
  const help = helpText()
  const shown = [...help.matchAll(/^ {2}(--[a-z0-9-]+)/gm)].map(([, flag]) => String(flag))
  const served = entries.flatMap(([key, option]) => (option.served ? [flagOf(key, option)] : []))
  assert.deepEqual(shown.toSorted(), served.toSorted())
  assert.deepEqual(
    help.split('\n').filter((line) => line.length > 100),
    [],
  )
})

test('the schema is closed and lets an option that is not served hold its default only', () => {
  const { additionalProperties, properties } = optionsJsonSchema()
  const byKey = properties as Readonly<Record<string, Readonly<Record<string, unknown>>>>
  assert.equal(additionalProperties, false)
  assert.deepEqual(Object.keys(byKey).toSorted(), Object.keys(optionTable).toSorted())
  const held = Object.entries(byKey).filter(([, schema]) => 'const' in schema)
  for (const [key, schema] of held) {
    const known = optionTable[key as keyof typeof optionTable]
    assert.deepEqual([known.served, schema['const']], [false, known.default], key)
  }
  assert.ok(held.length > 0)
  assert.equal(byKey['cookie_secure']?.['type'], 'boolean')
  assert.deepEqual(byKey['session_store_type']?.['enum'], ['cookie', 'redis', 'memory'])
})
