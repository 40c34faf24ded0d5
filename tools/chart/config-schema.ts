import { optionsJsonSchema } from '../../src/config/describe/json-schema.ts'
import { variableOf, type Option } from '../../src/config/option.ts'
import { optionTable } from '../../src/config/options.ts'
import { closed, text, type Schema } from './schema-parts.ts'

const table: Readonly<Record<string, Option<unknown>>> = optionTable

/** Options whose value can come from a file of its own: those that the chart mounts. */
const fileSecrets = Object.keys(table).filter(
  (key) => table[key]?.served && table[`${key}_file`]?.served && table[key].kind.secret,
)

/**
 * The configuration file as values may hold it. Secrets with a file stay in, so that the chart's own
 * finding can say where they belong; other secrets can come from the environment only.
 */
export function configSchema(): Schema {
  const { properties } = optionsJsonSchema() as { readonly properties: Record<string, Schema> }
  return closed(
    Object.fromEntries(Object.entries(properties).map(([key, of]) => [key, inValues(key, of)])),
  )
}

function inValues(key: string, schema: Schema): Schema {
  if (!table[key]?.kind.secret || fileSecrets.includes(key)) return schema
  // Addresses of several servers: their password is an option of its own.
  if (key.endsWith('_connection_urls')) {
    const withoutPassword = { type: 'string', pattern: '^[^@]*$' }
    return { ...schema, pattern: withoutPassword.pattern, items: withoutPassword }
  }
  return {
    const: '',
    description: `Not here: set ${variableOf(key)} from a Secret, with extraEnv.`,
  }
}

/** `secrets` of the values: which key of which Secret holds which option. */
export function secretsSchema(): Schema {
  const reference = closed({ name: text, key: text })
  return closed(Object.fromEntries(fileSecrets.map((key) => [key, reference])))
}
