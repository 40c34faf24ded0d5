/** A JSON Schema of draft-07, the one that Helm 3 and Helm 4 both enforce. */
export interface Schema {
  readonly [keyword: string]: unknown
  readonly properties?: Readonly<Record<string, Schema>>
}

export const text: Schema = { type: 'string' }
export const flag: Schema = { type: 'boolean' }
export const count: Schema = { type: 'integer', minimum: 0 }
export const port: Schema = { type: 'integer', minimum: 1, maximum: 65535 }
export const textMap: Schema = { type: 'object', additionalProperties: { type: 'string' } }
/** What Kubernetes itself checks. */
export const anyObject: Schema = { type: 'object' }

export function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

export function oneOf(...values: readonly string[]): Schema {
  return { type: 'string', enum: values }
}

/** An object of these keys and no other: a typo is an error. */
export function closed(properties: Readonly<Record<string, Schema>>): Schema {
  return { type: 'object', additionalProperties: false, properties }
}
