import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { readmeFile, schemaFile } from '../../../tools/chart/describe.ts'
import { readValues } from '../../../tools/chart/values-file.ts'
import { valuesSchema } from '../../../tools/chart/values-schema.ts'

const read = (name: string): string => readFileSync(`charts/sallyport/${name}`, 'utf8')
const values = read('values.yaml')

test('values.schema.json is what the option table and values.yaml say (npm run generate)', () => {
  assert.equal(read('values.schema.json'), schemaFile(values))
})

test('the README of the chart is what values.yaml says (npm run generate)', async () => {
  const readme = read('README.md')
  assert.equal(readme, await readmeFile(readme, values))
})

test('the schema is of draft-07, refers to nothing, and allows `global` to hold anything', () => {
  const schema = JSON.parse(schemaFile(values)) as Record<string, Record<string, unknown>>
  assert.equal(schema['$schema'], 'http://json-schema.org/draft-07/schema#')
  assert.equal(schema['additionalProperties'], false)
  assert.doesNotMatch(schemaFile(values), /"\$ref"/)
  const { global } = schema['properties'] as Record<string, Record<string, unknown>>
  assert.equal(global?.['additionalProperties'], undefined)
})

test('every value has a description, and values.yaml shows every value of the schema', () => {
  const described = readValues(values, valuesSchema).flatMap((section) => section.values)
  assert.deepEqual(
    described.filter(({ description }) => description === ''),
    [],
  )
  const shown = new Set(described.map(({ path }) => path.split('.')[0]))
  // The condition of an umbrella chart has no default of its own.
  const known = Object.keys(valuesSchema.properties ?? {}).filter((key) => key !== 'enabled')
  assert.deepEqual(shown, new Set(known))
})

test('every secret that can be a file is shown in values.yaml', () => {
  const { secrets } = parse(values) as { readonly secrets: object }
  const known = Object.keys(valuesSchema.properties?.['secrets']?.properties ?? {})
  assert.deepEqual(new Set(Object.keys(secrets)), new Set(known))
})
