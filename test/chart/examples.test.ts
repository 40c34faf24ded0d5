import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseManifests } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { createCustomResourceValidator, isCustomResource } from '../support/custom-resources.ts'
import { createKubernetesValidator, kubernetesMinors } from '../support/kubernetes-schemas.ts'

/** Kinds of which no definition is at hand: the text says which fields they have. */
const unknown = ['SnippetsFilter', 'AuthorizationPolicy']

test('the examples of the gateways are as Kubernetes and their definitions say', (t) => {
  for (const name of ['kubernetes-validate', 'custom-resource-definitions'] as const) {
    if (requireComponent(t, name) === undefined) return
  }
  const custom = createCustomResourceValidator()
  const core = createKubernetesValidator(kubernetesMinors[0])
  const seen = new Set<string>()
  for (const path of globSync('manifests/gateways/**/*.yaml')) {
    const objects = parseManifests(readFileSync(path, 'utf8')).filter(({ kind }) => kind)
    for (const object of objects.filter(({ kind }) => !unknown.includes(kind))) {
      const validate = isCustomResource(object) ? custom : core
      assert.deepEqual(validate(object), [], path)
      seen.add(object.kind)
    }
  }
  for (const kind of [
    'Ingress',
    'Middleware',
    'IngressRoute',
    'SecurityPolicy',
    'HTTPRoute',
    'HTTPProxy',
  ]) {
    assert.ok(seen.has(kind), kind)
  }
})
