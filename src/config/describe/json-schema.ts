import type { JsonSchema } from '../kind.ts'
import type { Option } from '../option.ts'
import { optionGroups } from '../options.ts'

/**
 * A JSON Schema (draft-07) of the configuration file, closed: an editor marks unknown keys. It
 * knows the usual spelling of each value; the loader takes a few more.
 */
export function optionsJsonSchema(): JsonSchema {
  const properties = optionGroups.flatMap(({ options }) =>
    Object.entries(options).map(([key, option]) => [key, property(option)] as const),
  )
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Configuration file',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  }
}

function property(option: Option<unknown>): JsonSchema {
  const described = { description: option.help, default: option.default }
  return option.served
    ? { ...described, ...option.kind.schema }
    : { ...described, const: option.default, description: `Not served. ${option.help}` }
}
