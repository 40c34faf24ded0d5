import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { venv } from './components.ts'
import type { Manifest } from './chart.ts'

/** The oldest and the newest minor of Kubernetes that the chart is for. */
export const kubernetesMinors = ['1.30', '1.37'] as const

/** Says what is wrong with a manifest; nothing for a good one. Throws for a kind it does not know. */
export type Validate = (manifest: Manifest) => readonly string[]

/**
 * The API's own kinds of one minor version, strict: an unknown field is an error. The schemas are
 * those of the Python package kubernetes-validate.
 */
export function createKubernetesValidator(minor: string): Validate {
  const pattern = `lib/python3*/site-packages/kubernetes_validate/kubernetes-json-schema/v${minor}.0-local-strict`
  const [folder] = globSync(pattern, { cwd: venv })
  if (folder === undefined) throw new Error(`kubernetes-validate has no schemas of ${minor}`)
  const read = (name: string): object =>
    JSON.parse(readFileSync(join(venv, folder, name), 'utf8')) as object
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true })
  ajv.addSchema(read('_definitions.json'), '_definitions.json')
  const validators = new Map<string, ValidateFunction>()

  function validatorOf(name: string): ValidateFunction {
    const known = validators.get(name)
    if (known) return known
    const compiled = ajv.compile(read(name))
    validators.set(name, compiled)
    return compiled
  }

  return (manifest) => {
    const validate = validatorOf(schemaName(manifest))
    const { kind } = manifest
    return validate(manifest) ? [] : describeErrors(kind, validate)
  }
}

export function describeErrors(kind: string, { errors }: ValidateFunction): readonly string[] {
  return (errors ?? []).map(
    ({ instancePath, message = '', params }) =>
      `${kind}${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}

/** `deployment-apps-v1.json`, `service-v1.json`, `networkpolicy-networking-v1.json` */
function schemaName({ apiVersion, kind }: Manifest): string {
  const [group = '', version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion]
  return [kind, group.split('.')[0], version].filter(Boolean).join('-').toLowerCase() + '.json'
}
