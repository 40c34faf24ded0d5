import { spawnSync } from 'node:child_process'
import { test, type TestContext } from 'node:test'
import { parseAllDocuments, stringify } from 'yaml'
import { requireComponent } from './components.ts'

/** A Kubernetes object as YAML holds it. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly annotations?: Readonly<Record<string, string>>
  }
  // What is below depends on the kind; tests name the paths that they look at.
  readonly [key: string]: unknown
}

export interface RenderOptions {
  /** Path of the Helm to use. */
  readonly helm: string
  readonly values?: Readonly<Record<string, unknown>>
  /** Paths of files of values. */
  readonly files?: readonly string[]
  /** Further arguments of `helm template`. */
  readonly args?: readonly string[]
}

/** The least that the chart asks for. */
export const requiredValues = {
  existingSecret: 'sallyport',
  config: { oidc_issuer_url: 'https://id.example.com', client_id: 'sallyport' },
} as const

export interface Rendering {
  readonly ok: boolean
  readonly text: string
  readonly error: string
}

/** `helm template` of release `sallyport` in namespace `auth`, without a network. */
export function helmTemplate({ helm, values, files = [], args = [] }: RenderOptions): Rendering {
  const { status, stdout, stderr } = spawnSync(
    helm,
    [
      'template',
      'sallyport',
      'charts/sallyport',
      '--namespace=auth',
      ...files.flatMap((file) => ['--values', file]),
      ...(values === undefined ? [] : ['--values', '-']),
      ...args,
    ],
    { input: values === undefined ? '' : stringify(values, { version: '1.1' }), encoding: 'utf8' },
  )
  return { ok: status === 0, text: stdout, error: stderr }
}

/** The objects of a rendering; throws what Helm says when there is none. */
export function render(options: RenderOptions): readonly Manifest[] {
  const { ok, text, error } = helmTemplate(options)
  if (!ok) throw new Error(error)
  return parseManifests(text)
}

export function parseManifests(text: string): readonly Manifest[] {
  return parseAllDocuments(text)
    .map((document) => {
      const [error] = [...document.errors, ...document.warnings]
      if (error) throw error
      return document.toJS() as Manifest | null
    })
    .filter((manifest) => manifest !== null)
}

/** The one object of that kind, and of that name if one is given; throws when it is not one. */
export function only(manifests: readonly Manifest[], kind: string, name?: string): Manifest {
  const [found, ...more] = manifests.filter(
    (manifest) => manifest.kind === kind && (name === undefined || manifest.metadata.name === name),
  )
  if (!found || more.length > 0)
    throw new Error(`not one ${kind}, but ${more.length + (found ? 1 : 0)}`)
  return found
}

/** What is at a path, `spec.template.spec.containers.0.args`; undefined when nothing is. */
export function at(value: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (found, key) => (found as Readonly<Record<string, unknown>> | undefined)?.[key],
      value,
    )
}

/** The helms of this machine, both majors; skips the test where none is. */
export function requireHelms(t: TestContext): readonly string[] {
  return (['helm-3', 'helm-4'] as const).flatMap((name) => requireComponent(t, name) ?? [])
}

type Render = (values: object, args?: readonly string[]) => readonly Manifest[]

/**
 * A test of what the chart makes of values, besides those that it requires; `config` is merged. One
 * Helm is enough: test/chart/render.test.ts shows that both render the same.
 */
export function chartTest(name: string, body: (render: Render) => void): void {
  test(name, (t) => {
    const helm = requireComponent(t, 'helm-4')
    if (helm === undefined) return
    body((values, args = []) => render({ helm, values: withRequired(values), args }))
  })
}

/** Values on top of those that the chart requires. */
export function withRequired(values: object): Readonly<Record<string, unknown>> {
  const config = 'config' in values ? (values.config as object) : {}
  return { ...requiredValues, ...values, config: { ...requiredValues.config, ...config } }
}
