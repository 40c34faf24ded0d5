import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { only, render, requiredValues, requireHelms } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { createKubernetesValidator, kubernetesMinors } from '../support/kubernetes-schemas.ts'

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
      assert.deepEqual(manifests.flatMap(validate), [], `${file} on ${minor}`)
    }
  }
})

test('the schemas are strict: a misspelt field is found', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined || requireComponent(t, 'kubernetes-validate') === undefined) return
  const validate = createKubernetesValidator(kubernetesMinors[1])
  const service = only(render({ helm, values: requiredValues }), 'Service')
  const misspelt = { ...service, spec: { ...(service['spec'] as object), sessionAfinity: 'None' } }
  assert.equal(validate(misspelt).length, 1)
})
