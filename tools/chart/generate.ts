// Writes what follows from the chart's values.yaml and from the option table.
import { readFileSync, writeFileSync } from 'node:fs'
import { readmeFile, schemaFile } from './describe.ts'

const chart = new URL('../../charts/sallyport/', import.meta.url)
const read = (name: string): string => readFileSync(new URL(name, chart), 'utf8')

const values = read('values.yaml')
writeFileSync(new URL('values.schema.json', chart), schemaFile(values))
writeFileSync(new URL('README.md', chart), await readmeFile(read('README.md'), values))
