import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { only, render, requiredValues, requireHelms, type Manifest } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { createCustomResourceValidator, isCustomResource } from '../support/custom-resources.ts'
import { createKubernetesValidator, kubernetesMinors } from '../support/kubernetes-schemas.ts'

const everything = 'charts/sallyport/ci/everything-values.yaml'
const byText = (a: string, b: string): number => a.localeCompare(b)
const files = globSync('charts/sallyport/ci/*-values.yaml').sort()

test('both Helms render the same from every file of values, twice', (t) => {
  const helms = requireHelms(t)
  if (helms.length < 2) return
  for (const file of files) {
    const [first, ...others] = [...helms, ...helms].map((helm) => render({ helm, files: [file] }))
    for (const other of others) assert.deepEqual(other, first, file)
  }
})

test('Kubernetes takes every object, of the oldest and the newest minor', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined || requireComponent(t, 'kubernetes-validate') === undefined) return
  for (const minor of kubernetesMinors) {
    const validate = createKubernetesValidator(minor)
    for (const file of files) {
      const manifests = render({ helm, files: [file], args: ['--kube-version', minor] })
      const own = manifests.filter((manifest) => !isCustomResource(manifest))
      assert.deepEqual(own.flatMap(validate), [], `${file} on ${minor}`)
    }
  }
})

test('the kinds of gateways and of the Prometheus operator are as their definitions say', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined || requireComponent(t, 'custom-resource-definitions') === undefined) return
  const validate = createCustomResourceValidator()
  const seen = new Set<string>()
  for (const file of files) {
    const custom: readonly Manifest[] = render({ helm, files: [file] }).filter(isCustomResource)
    for (const { kind } of custom) seen.add(kind)
    assert.deepEqual(custom.flatMap(validate), [], file)
  }
  assert.deepEqual([...seen].toSorted(byText), [
    'BackendTLSPolicy',
    'HTTPRoute',
    'Middleware',
    'PodMonitor',
    'PrometheusRule',
    'ReferenceGrant',
    'SecurityPolicy',
    'ServersTransport',
    'ServiceMonitor',
  ])
  const [middleware] = render({ helm, files: [everything] }).filter(
    ({ kind }) => kind === 'Middleware',
  )
  assert.ok(middleware)
  assert.equal(validate({ ...middleware, spec: { forwardAuth: { adress: 'x' } } }).length, 1)
})

test('the schemas are strict: a misspelt field is found', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined || requireComponent(t, 'kubernetes-validate') === undefined) return
  const validate = createKubernetesValidator(kubernetesMinors[1])
  const service = only(render({ helm, values: requiredValues }), 'Service', 'sallyport')
  const misspelt = { ...service, spec: { ...(service['spec'] as object), sessionAfinity: 'None' } }
  assert.equal(validate(misspelt).length, 1)
})
