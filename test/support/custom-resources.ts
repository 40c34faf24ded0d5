import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'
import { parse } from 'yaml'
import type { Manifest } from './chart.ts'
import { definitions } from './components.ts'
import { describeErrors, type Validate } from './kubernetes-schemas.ts'

interface Definition {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string
      readonly schema: { readonly openAPIV3Schema: object }
    }[]
  }
}

/** Is its kind one that a definition adds to Kubernetes? */
export const isCustomResource = ({ apiVersion }: Manifest): boolean =>
  /^(traefik\.io|gateway\.|monitoring\.coreos|projectcontour\.io)/.test(apiVersion)

/** As the validator of Kubernetes' own kinds, for those that definitions add. CEL rules are not run. */
export function createCustomResourceValidator(): Validate {
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
  const validators = new Map<string, ValidateFunction>()

  return (manifest: Manifest) => {
    const { apiVersion, kind } = manifest
    const key = `${apiVersion} ${kind}`
    const validate = validators.get(key) ?? ajv.compile(close(schemaOf(apiVersion, kind)) as object)
    validators.set(key, validate)
    return validate(manifest) ? [] : describeErrors(kind, validate)
  }
}

/** Definitions are in files named `GROUP_KINDS.yaml`. */
function schemaOf(apiVersion: string, kind: string): object {
  const [group = '', version] = apiVersion.split('/')
  const stem = `${group}_${kind.toLowerCase().replace(/y$/, '')}`
  const [file] = globSync([`${stem}s.yaml`, `${stem}ies.yaml`], { cwd: definitions })
  if (file === undefined) throw new Error(`no definition of ${apiVersion} ${kind}`)
  const { spec } = parse(readFileSync(join(definitions, file), 'utf8')) as Definition
  const found = spec.versions.find(({ name }) => name === version)
  if (!found) throw new Error(`no version ${version} of ${kind}`)
  return found.schema.openAPIV3Schema
}

/** OpenAPI 3.0 has a flag beside the bound, JSON Schema the bound itself. */
function bound(schema: object, key: string): number | undefined {
  const { minimum, maximum } = schema as { readonly minimum?: number; readonly maximum?: number }
  if (key === 'exclusiveMinimum') return minimum
  return key === 'exclusiveMaximum' ? maximum : undefined
}

/** The API server drops fields that a schema does not name; here they are errors. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema)
    // Go's inline flags are not JavaScript's.
    .filter(([key, value]) => key !== 'pattern' || !String(value).includes('(?i)'))
    .map(([key, value]) => [key, bound(schema, key) ?? close(value)] as const)
  const closed = Object.fromEntries(entries)
  const isClosable =
    'properties' in schema &&
    'type' in schema &&
    !('additionalProperties' in schema) &&
    !('x-kubernetes-preserve-unknown-fields' in schema)
  return isClosable ? { ...closed, additionalProperties: false } : closed
}
