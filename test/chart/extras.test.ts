import assert from 'node:assert/strict'
import { at, chartTest, only, type Manifest } from '../support/chart.ts'
import { containerOf } from '../support/pod.ts'

/** Every part of the chart switched on, where that needs no more than a switch. */
const all = {
  portal: { host: 'auth.example.com' },
  ingress: { enabled: true },
  httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] },
  traefik: { middlewares: [{ name: 'sallyport' }], caSecretName: 'tls' },
  envoyGateway: { securityPolicies: [{ name: 'app', targetRefs: [{ name: 'app' }] }] },
  tls: { secretName: 'tls' },
  gatewayApi: {
    referenceGrants: [{ namespace: 'apps', kind: 'HTTPRoute' }],
    backendTLSPolicy: { enabled: true },
  },
  autoscaling: { enabled: true },
  networkPolicy: { enabled: true, gateways: [{ podSelector: {} }] },
  metrics: {
    serviceMonitor: { enabled: true },
    rules: { enabled: true },
    dashboard: { enabled: true },
  },
}

chartTest('every object is in the namespace asked for, with labels and annotations', (render) => {
  const manifests = render({
    ...all,
    namespaceOverride: 'elsewhere',
    commonLabels: { team: 'identity' },
    commonAnnotations: { owner: 'identity' },
  })
  assert.equal(manifests.length, 19)
  for (const { kind, metadata } of manifests) {
    assert.equal(metadata.namespace, 'elsewhere', kind)
    assert.equal(metadata.labels?.['team'], 'identity', kind)
    assert.equal(metadata.annotations?.['owner'], 'identity', kind)
    assert.equal(metadata.labels?.['app.kubernetes.io/instance'], 'sallyport', kind)
  }
})

chartTest('names follow the overrides, and references follow the names', (render) => {
  const named = (values: object): readonly string[] => [
    ...new Set(render({ ...all, ...values }).map(({ metadata }) => metadata.name)),
  ]
  const fixed = ['app', 'sallyport']
  const others = (names: readonly string[]): readonly string[] =>
    names.filter((name) => !fixed.includes(name)).toSorted()
  assert.deepEqual(others(named({ fullnameOverride: 'gate' })), [
    'gate',
    'gate-dashboard',
    'gate-metrics',
    'gate-test',
  ])
  assert.deepEqual(others(named({ nameOverride: 'gate' })), [
    'sallyport-gate',
    'sallyport-gate-dashboard',
    'sallyport-gate-metrics',
    'sallyport-gate-test',
  ])
  const manifests = render({ ...all, fullnameOverride: 'gate' })
  assert.equal(
    at(only(manifests, 'Ingress'), 'spec.rules.0.http.paths.0.backend.service.name'),
    'gate',
  )
  assert.equal(at(only(manifests, 'HorizontalPodAutoscaler'), 'spec.scaleTargetRef.name'), 'gate')
  assert.equal(at(only(manifests, 'Deployment'), 'spec.template.spec.serviceAccountName'), 'gate')
  assert.equal(
    at(only(manifests, 'Deployment'), 'spec.template.spec.volumes.0.configMap.name'),
    'gate',
  )
})

chartTest('a selector holds nothing that can change, and every pod has it', (render) => {
  const manifests = render({ ...all, commonLabels: { team: 'identity' }, podLabels: { a: 'b' } })
  const deployment = only(manifests, 'Deployment')
  const selector = at(deployment, 'spec.selector.matchLabels') as Record<string, string>
  assert.deepEqual(Object.keys(selector).toSorted(), [
    'app.kubernetes.io/instance',
    'app.kubernetes.io/name',
  ])
  assert.deepEqual(at(deployment, 'spec.template.metadata.labels'), {
    ...selector,
    team: 'identity',
    a: 'b',
  })
  assert.deepEqual(at(only(manifests, 'Service', 'sallyport'), 'spec.selector'), selector)
})

chartTest('helm test asks the Service with our own image, and is no endpoint of it', (render) => {
  const manifests = render({ image: { tag: '1.2.3' }, config: { ready_path: '/able' } })
  const pod = only(manifests, 'Pod')
  assert.equal(pod.metadata.annotations?.['helm.sh/hook'], 'test')
  const [container] = at(pod, 'spec.containers') as { image: string; args: string[] }[]
  assert.equal(container?.image, 'sallyport/sallyport:1.2.3')
  assert.deepEqual(container?.args, [
    'healthcheck',
    '--timeout=10s',
    '--url=http://sallyport.auth.svc.cluster.local/able',
  ])
  const selector = at(only(manifests, 'Service', 'sallyport'), 'spec.selector') as Record<
    string,
    string
  >
  const isSelected = Object.entries(selector).every(
    ([key, value]) => pod.metadata.labels?.[key] === value,
  )
  assert.equal(isSelected, false)
  assert.ok(!render({ tests: { enabled: false } }).some(({ kind }) => kind === 'Pod'))
})

chartTest('extra objects are maps or text, with templates in them', (render) => {
  const extraObjects = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: '{{ .Release.Name }}-map' } },
    'apiVersion: v1\nkind: Secret\nmetadata:\n  name: {{ .Release.Name }}-text\n',
  ]
  const secrets = render({ extraObjects }).filter(({ kind }) => kind === 'Secret')
  assert.deepEqual(
    secrets.map(({ metadata }) => metadata.name),
    ['sallyport-map', 'sallyport-text'],
  )
})

chartTest('no Secret is ever made', (render) => {
  assert.ok(!render(all).some(({ kind }) => kind === 'Secret'))
})

chartTest('extra variables, flags, volumes, containers and scheduling reach the pod', (render) => {
  const deployment = only(
    render({
      extraEnv: [{ name: 'NODE_OPTIONS', value: '--max-semi-space-size=4' }],
      extraEnvFrom: [{ secretRef: { name: 'further' } }],
      extraArgs: ['--log-level=debug'],
      extraVolumes: [{ name: 'emails', configMap: { name: 'emails' } }],
      extraVolumeMounts: [{ name: 'emails', mountPath: '/emails' }],
      initContainers: [{ name: 'init' }],
      sidecars: [{ name: 'beside' }],
      nodeSelector: { os: 'linux' },
      tolerations: [{ operator: 'Exists' }],
      affinity: { nodeAffinity: {} },
      priorityClassName: 'high',
      runtimeClassName: 'gvisor',
      podAnnotations: { a: 'b' },
      imagePullSecrets: [{ name: 'registry' }],
      serviceAccount: { create: false },
    }),
    'Deployment',
  )
  const container = containerOf(deployment)
  assert.deepEqual(container['env'], [{ name: 'NODE_OPTIONS', value: '--max-semi-space-size=4' }])
  assert.deepEqual(container['envFrom'], [{ secretRef: { name: 'further' } }])
  assert.deepEqual(container['args'], [
    '--config=/etc/sallyport/config/sallyport.yaml',
    '--log-level=debug',
  ])
  assert.deepEqual((container['volumeMounts'] as unknown[]).at(-1), {
    name: 'emails',
    mountPath: '/emails',
  })
  const pod = at(deployment, 'spec.template.spec') as Manifest
  assert.deepEqual((pod['volumes'] as unknown[]).at(-1), {
    name: 'emails',
    configMap: { name: 'emails' },
  })
  assert.deepEqual(pod['initContainers'], [{ name: 'init' }])
  assert.deepEqual((pod['containers'] as unknown[]).at(-1), { name: 'beside' })
  assert.deepEqual(pod['nodeSelector'], { os: 'linux' })
  assert.deepEqual(pod['tolerations'], [{ operator: 'Exists' }])
  assert.deepEqual(pod['affinity'], { nodeAffinity: {} })
  assert.equal(pod['priorityClassName'], 'high')
  assert.equal(pod['runtimeClassName'], 'gvisor')
  assert.deepEqual(pod['imagePullSecrets'], [{ name: 'registry' }])
  assert.equal(pod['serviceAccountName'], 'default')
  assert.equal(at(deployment, 'spec.template.metadata.annotations.a'), 'b')
})

chartTest('the Service takes its type, families and preference of zones', (render) => {
  const service = {
    type: 'LoadBalancer',
    port: 8080,
    trafficDistribution: 'PreferClose',
    ipFamilyPolicy: 'PreferDualStack',
    ipFamilies: ['IPv6', 'IPv4'],
    labels: { a: 'b' },
    annotations: { c: 'd' },
  }
  const found = only(render({ service }), 'Service', 'sallyport')
  const { labels, annotations, port, ...fields } = service
  assert.deepEqual({ ...(found['spec'] as object), ...fields }, found['spec'])
  assert.equal(at(found, 'spec.ports.0.port'), port)
  assert.equal(found.metadata.labels?.['a'], labels.a)
  assert.deepEqual(found.metadata.annotations, annotations)
})
