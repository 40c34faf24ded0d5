import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parseAllDocuments } from 'yaml'
import type { Manifest } from './chart.ts'
import { definitions } from './components.ts'
import { describeErrors, type Validate } from './kubernetes-schemas.ts'

interface Definition {
  readonly kind: string
  readonly spec: {
    readonly group: string
    readonly names: { readonly kind: string }
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: object }
    }[]
  }
}

/** As the validator of Kubernetes' own kinds, for those that definitions add. CEL rules are not run. */
export function createCustomResourceValidator(): Validate {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const validators = new Map<string, ValidateFunction>()
  for (const file of globSync('*.yaml', { cwd: definitions })) {
    for (const { spec } of readDefinitions(file)) {
      for (const { name, schema } of spec.versions) {
        const validate = ajv.compile(close(schema.openAPIV3Schema) as object)
        validators.set(`${spec.group}/${name} ${spec.names.kind}`, validate)
      }
    }
  }

  return (manifest: Manifest) => {
    const { apiVersion, kind } = manifest
    const validate = validators.get(`${apiVersion} ${kind}`)
    if (!validate) throw new Error(`no definition of ${apiVersion} ${kind}`)
    return validate(manifest) ? [] : describeErrors(kind, validate)
  }
}

/** Admission policies come with them. */
function readDefinitions(file: string): readonly Definition[] {
  return parseAllDocuments(readFileSync(join(definitions, file), 'utf8'))
    .map((document) => document.toJS() as Definition)
    .filter(({ kind }) => kind === 'CustomResourceDefinition')
}

/** The API server drops fields that a schema does not name; here they are errors. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema)
    // Go's inline flags are not JavaScript's.
    .filter(([key, value]) => key !== 'pattern' || !String(value).includes('(?i)'))
    .map(([key, value]) => [key, close(value)] as const)
  const closed = Object.fromEntries(entries)
  const isClosable =
    'properties' in schema &&
    'type' in schema &&
    !('additionalProperties' in schema) &&
    !('x-kubernetes-preserve-unknown-fields' in schema)
  return isClosable ? { ...closed, additionalProperties: false } : closed
}
