import { format } from 'prettier'
import type { Schema } from './schema-parts.ts'
import { readValues, type Section } from './values-file.ts'
import { valuesSchema } from './values-schema.ts'

/** The text of values.schema.json for this values.yaml. */
export function schemaFile(values: string): string {
  const descriptions = new Map(
    readValues(values, valuesSchema).flatMap((section) =>
      section.values.map(({ path, description }) => [path, description] as const),
    ),
  )
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the chart sallyport',
    ...describe(valuesSchema, '', descriptions),
  }
  return `${JSON.stringify(schema, undefined, 2)}\n`
}

function describe(schema: Schema, path: string, descriptions: ReadonlyMap<string, string>): Schema {
  const description = descriptions.get(path)
  const described = description ? { description, ...schema } : schema
  if (!schema.properties) return described
  const properties = Object.entries(schema.properties).map(([key, child]) => [
    key,
    describe(child, path === '' ? key : `${path}.${key}`, descriptions),
  ])
  return { ...described, properties: Object.fromEntries(properties) as Record<string, Schema> }
}

const begin = '<!-- values: written by npm run generate -->'
const end = '<!-- end of values -->'

/** The README of the chart with its tables of values made anew. */
export async function readmeFile(readme: string, values: string): Promise<string> {
  const [head, rest] = readme.split(begin)
  const tail = rest?.split(end)[1]
  if (head === undefined || tail === undefined)
    throw new Error(`the README lacks ${begin} or ${end}`)
  const tables = readValues(values, valuesSchema).map(sectionMarkdown).join('\n')
  return format(`${head}${begin}\n\n${tables}\n${end}${tail}`, { parser: 'markdown' })
}

function sectionMarkdown({ title, values }: Section): string {
  const rows = values.map(
    ({ path, default: fallback, description }) =>
      `| \`${path}\` | \`${JSON.stringify(fallback)}\` | ${description.replaceAll('|', String.raw`\|`)} |\n`,
  )
  return `### ${title}\n\n| Key | Default | Meaning |\n| --- | --- | --- |\n${rows.join('')}`
}
