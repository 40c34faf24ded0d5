import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { at, only, parseManifests, render, withRequired, type Manifest } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { createCustomResourceValidator, isCustomResource } from '../support/custom-resources.ts'
import { createKubernetesValidator, kubernetesMinors } from '../support/kubernetes-schemas.ts'
import { optionsInPod } from '../support/pod.ts'

const overlays = ['development', 'production']
const secrets = { 'cookie-secret': 'a cookie secret of 32 characters', 'client-secret': 'secret' }

/** A test of what `kubectl kustomize` builds of folders below manifests/. */
function kustomizeTest(
  name: string,
  body: (build: (path: string) => readonly Manifest[], helm: string) => void,
): void {
  test(name, (t) => {
    const [kubectl, helm] = [requireComponent(t, 'kubectl'), requireComponent(t, 'helm-4')]
    if (kubectl === undefined || helm === undefined) return
    body((path) => {
      const { status, stdout, stderr } = spawnSync(kubectl, ['kustomize', `manifests/${path}`], {
        encoding: 'utf8',
      })
      assert.equal(status, 0, stderr)
      // Among them: fields that kustomize has deprecated.
      assert.equal(stderr, '')
      return parseManifests(stdout)
    }, helm)
  })
}

const ownLabels = ['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'grafana_dashboard']

/** Without what only one of the packagings has: its labels, its way to roll out, its namespace. */
function comparable(manifests: readonly Manifest[]): Readonly<Record<string, unknown>> {
  const entries = manifests.map((manifest) => {
    const plain = replaced(manifest) as Manifest
    const { name, labels = {} } = plain.metadata
    const own = Object.entries(labels).filter(([key]) => ownLabels.includes(key))
    const metadata = { name, labels: Object.fromEntries(own) }
    return [`${plain.kind} ${name}`, { ...plain, metadata }] as const
  })
  return Object.fromEntries(entries)
}

function replaced(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item) => replaced(item))
  // kustomize ends the name of a generated ConfigMap with a hash of its content.
  if (typeof value === 'string' && key === 'name')
    return value.replace(/^sallyport-[a-z0-9]{10}$/, 'sallyport')
  if (typeof value === 'string' && /\.(yaml|json)$/.test(key)) return parse(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([name, child]) => name !== 'namespaceSelector' || !at(child, 'matchNames'),
  )
  const plain = Object.fromEntries(entries.map(([name, child]) => [name, replaced(child, name)]))
  const checksum = at(plain, 'annotations.checksum/config')
  if (checksum !== undefined) delete plain['annotations']
  return plain
}

kustomizeTest('the base is the chart with its default values', (build, helm) => {
  const chart = render({ helm, values: withRequired({ tests: { enabled: false } }) })
  assert.deepEqual(comparable(build('base')), comparable(chart))
})

kustomizeTest('the components are what the chart creates', (build, helm) => {
  const from = (name: string): readonly object[] => [
    { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } },
  ]
  const values = withRequired({
    tests: { enabled: false },
    networkPolicy: { enabled: true, gateways: from('traefik'), metricsFrom: from('monitoring') },
    metrics: {
      serviceMonitor: { enabled: true },
      rules: { enabled: true },
      dashboard: { enabled: true },
    },
  })
  const args = ['--namespace', 'sallyport']
  const chart = comparable(render({ helm, values, args }))
  const built = comparable(build('overlays/production'))
  assert.deepEqual(Object.keys(built).toSorted(), Object.keys(chart).toSorted())
  for (const key of [
    'NetworkPolicy sallyport',
    'ServiceMonitor sallyport',
    'PrometheusRule sallyport',
    'ConfigMap sallyport-dashboard',
  ]) {
    assert.deepEqual(spec(built[key]), spec(chart[key]), key)
  }
})

kustomizeTest('the component of TLS is what the chart does with a certificate', (build, helm) => {
  const values = withRequired({ tests: { enabled: false }, tls: { secretName: 'sallyport-tls' } })
  const [built, chart] = [buildWith(build, 'tls'), render({ helm, values })]
  // The chart says it in the file, the component in flags: what Sallyport makes of both is the same.
  const listening = [built, chart].map((manifests) => {
    const loaded = optionsInPod(manifests, only(manifests, 'Deployment'), secrets)
    assert.ok(loaded.ok, JSON.stringify(loaded))
    const { https_address, tls_cert_file, tls_key_file, metrics_address } = loaded.options
    return { https_address, tls_cert_file, tls_key_file, metrics_address }
  })
  assert.deepEqual(listening[0], listening[1])
  const others = (manifests: readonly Manifest[]): unknown => {
    const { 'ConfigMap sallyport': _, ...rest } = comparable(manifests)
    delete (at(rest, 'Deployment sallyport.spec.template.spec.containers.0') as { args?: unknown })
      .args
    return rest
  }
  assert.deepEqual(others(built), others(chart))
})

/** The base with one component. */
function buildWith(
  build: (path: string) => readonly Manifest[],
  component: string,
): readonly Manifest[] {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'kustomize-')))
  const from = (path: string): string => relative(folder, resolve('manifests', path))
  const kustomization = { resources: [from('base')], components: [from(`components/${component}`)] }
  try {
    writeFileSync(join(folder, 'kustomization.yaml'), stringify(kustomization))
    return build(relative('manifests', folder))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const spec = (manifest: unknown): unknown => at(manifest, 'spec') ?? at(manifest, 'data')

kustomizeTest('Sallyport starts with the configuration of every overlay', (build) => {
  for (const overlay of overlays) {
    const manifests = build(`overlays/${overlay}`)
    const deployment = manifests.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'sallyport',
    )
    assert.ok(deployment)
    const loaded = optionsInPod(manifests, deployment, secrets)
    assert.ok(loaded.ok, JSON.stringify(loaded))
    assert.equal(loaded.options.session_store_type, 'redis')
    const { terminationGracePeriodSeconds: grace } = at(deployment, 'spec.template.spec') as {
      terminationGracePeriodSeconds: number
    }
    assert.ok(loaded.options.shutdown_timeout / 1000 + 5 < grace)
  }
})

kustomizeTest(
  'every object is one that Kubernetes takes, in the namespace of the overlay',
  (build) => {
    const core = createKubernetesValidator(kubernetesMinors[1])
    const custom = createCustomResourceValidator()
    for (const overlay of overlays) {
      for (const manifest of build(`overlays/${overlay}`)) {
        const validate = isCustomResource(manifest) ? custom : core
        assert.deepEqual(validate(manifest), [])
        assert.equal(manifest.metadata.namespace, 'sallyport', manifest.kind)
      }
    }
  },
)

kustomizeTest('the Redis of development is as restricted as all else', (build) => {
  const manifests = build('overlays/development')
  const redis = manifests.find(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'sallyport-redis',
  )
  const pod = at(redis, 'spec.template.spec')
  assert.equal(at(pod, 'securityContext.runAsNonRoot'), true)
  assert.equal(at(pod, 'securityContext.seccompProfile.type'), 'RuntimeDefault')
  assert.deepEqual(at(pod, 'containers.0.securityContext'), {
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
})
