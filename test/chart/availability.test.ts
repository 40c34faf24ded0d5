import assert from 'node:assert/strict'
import { at, chartTest, only } from '../support/chart.ts'

const selector = {
  'app.kubernetes.io/name': 'sallyport',
  'app.kubernetes.io/instance': 'sallyport',
}

chartTest('two replicas, or as many as the autoscaler says', (render) => {
  const fixed = render({})
  assert.equal(at(only(fixed, 'Deployment'), 'spec.replicas'), 2)
  assert.ok(!fixed.some(({ kind }) => kind === 'HorizontalPodAutoscaler'))

  const scaled = render({ autoscaling: { enabled: true, maxReplicas: 20, behavior: null } })
  assert.equal(at(only(scaled, 'Deployment'), 'spec.replicas'), undefined)
  const autoscaler = only(scaled, 'HorizontalPodAutoscaler')
  assert.equal(autoscaler.apiVersion, 'autoscaling/v2')
  assert.deepEqual(at(autoscaler, 'spec.scaleTargetRef.name'), 'sallyport')
  assert.deepEqual(
    [at(autoscaler, 'spec.minReplicas'), at(autoscaler, 'spec.maxReplicas')],
    [2, 20],
  )
  assert.equal(at(autoscaler, 'spec.behavior'), undefined)
})

chartTest('the disruption budget has exactly one of its fields', (render) => {
  const budget = (podDisruptionBudget: object): unknown =>
    only(render({ podDisruptionBudget }), 'PodDisruptionBudget')['spec']
  const common = {
    unhealthyPodEvictionPolicy: 'AlwaysAllow',
    selector: { matchLabels: selector },
  }
  assert.deepEqual(budget({}), { maxUnavailable: 1, ...common })
  assert.deepEqual(budget({ maxUnavailable: '25%' }), { maxUnavailable: '25%', ...common })
  assert.deepEqual(budget({ maxUnavailable: 0 }), { maxUnavailable: 0, ...common })
  assert.deepEqual(budget({ minAvailable: 1 }), { minAvailable: 1, ...common })
  const none = render({ podDisruptionBudget: { enabled: false } })
  assert.ok(!none.some(({ kind }) => kind === 'PodDisruptionBudget'))
})

chartTest('pods spread over zones and nodes, each rollout on its own', (render) => {
  const path = 'spec.template.spec.topologySpreadConstraints'
  const filled = { labelSelector: { matchLabels: selector }, matchLabelKeys: ['pod-template-hash'] }
  const soft = { maxSkew: 1, whenUnsatisfiable: 'ScheduleAnyway', ...filled }
  assert.deepEqual(at(only(render({}), 'Deployment'), path), [
    { topologyKey: 'topology.kubernetes.io/zone', ...soft },
    { topologyKey: 'kubernetes.io/hostname', ...soft },
  ])
  const own = { maxSkew: 2, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }
  const constraints = [own, { ...own, matchLabelKeys: [] }]
  const [first, second] = at(
    only(render({ topologySpread: { constraints } }), 'Deployment'),
    path,
  ) as object[]
  assert.deepEqual(first, { ...own, ...filled })
  assert.equal(at(second, 'topologyKey'), 'rack')
  const off = render({ topologySpread: { enabled: false } })
  assert.equal(at(only(off, 'Deployment'), path), undefined)
})

chartTest('a rollout takes no pod away before another is ready', (render) => {
  assert.deepEqual(at(only(render({}), 'Deployment'), 'spec.strategy'), {
    type: 'RollingUpdate',
    rollingUpdate: { maxUnavailable: 0, maxSurge: 1 },
  })
})

chartTest(
  'the NetworkPolicy lets gateways, Prometheus and helm test in, each to its port',
  (render) => {
    const gateways = [{ namespaceSelector: { matchLabels: { gateway: 'yes' } } }]
    const metricsFrom = [{ podSelector: { matchLabels: { prometheus: 'yes' } } }]
    const { spec } = only(
      render({ networkPolicy: { enabled: true, gateways, metricsFrom } }),
      'NetworkPolicy',
    )
    const testPod = {
      podSelector: { matchLabels: { ...selector, 'app.kubernetes.io/name': 'sallyport-test' } },
    }
    assert.deepEqual(spec, {
      podSelector: { matchLabels: selector },
      policyTypes: ['Ingress'],
      ingress: [
        { from: [...gateways, testPod], ports: [{ port: 'http' }] },
        { from: metricsFrom, ports: [{ port: 'metrics' }] },
      ],
    })
  },
)

chartTest(
  'the NetworkPolicy lets the pods reach DNS, provider and Redis, and nothing else',
  (render) => {
    const [provider, redis] = [{ ipBlock: { cidr: '203.0.113.0/24' } }, { podSelector: {} }]
    const extra = [{ ports: [{ port: 3128 }] }]
    const policy = (egress: object): unknown => {
      const networkPolicy = {
        enabled: true,
        gateways: [{ podSelector: {} }],
        egress: { enabled: true, provider: { to: [provider] }, ...egress },
      }
      const manifests = render({ networkPolicy, tests: { enabled: false } })
      return only(manifests, 'NetworkPolicy')['spec']
    }
    const full = policy({ redis: { to: [redis], port: 6380 }, extra })
    assert.deepEqual(at(full, 'policyTypes'), ['Ingress', 'Egress'])
    assert.deepEqual(at(full, 'ingress.0.from'), [{ podSelector: {} }])
    const dns = {
      ports: [
        { port: 53, protocol: 'UDP' },
        { port: 53, protocol: 'TCP' },
      ],
    }
    const https = { to: [provider], ports: [{ port: 443 }] }
    assert.deepEqual(at(full, 'egress'), [
      dns,
      https,
      { to: [redis], ports: [{ port: 6380 }] },
      ...extra,
    ])
    assert.deepEqual(at(policy({ dns: false }), 'egress'), [https])
  },
)
