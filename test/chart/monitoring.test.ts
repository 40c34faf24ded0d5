import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { at, chartTest, only, type Manifest } from '../support/chart.ts'
import { metricList } from '../../src/telemetry/metric-list.ts'

interface Rule {
  readonly alert: string
  readonly expr: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

const rulesOf = (manifests: readonly Manifest[]): readonly Rule[] =>
  at(only(manifests, 'PrometheusRule'), 'spec.groups.0.rules') as readonly Rule[]

/** Names of metrics in a PromQL expression, without what a histogram adds to them. */
function metricsIn(expression: string): readonly string[] {
  const names = expression.match(/\b(sallyport|nodejs|process)_[a-z0-9_]+/g) ?? []
  return names.map((name) => name.replace(/_(bucket|count|sum)$/, ''))
}

/** Ours, and those of prom-client's default set that alerts and dashboard use. */
const known = new Set<string>([
  ...Object.values(metricList).map(({ name }) => name),
  'nodejs_eventloop_lag_p99_seconds',
  'process_cpu_seconds_total',
  'process_resident_memory_bytes',
])

chartTest('metrics are served, by a Service that is never published', (render) => {
  const manifests = render({ ports: { metrics: 9100 }, service: { type: 'LoadBalancer' } })
  const portsOf = (name: string): unknown =>
    (at(only(manifests, 'Service', name), 'spec.ports') as object[]).map((port) => [
      at(port, 'name'),
      at(port, 'port'),
    ])
  assert.deepEqual(portsOf('sallyport'), [['http', 80]])
  assert.deepEqual(portsOf('sallyport-metrics'), [['metrics', 9100]])
  assert.equal(at(only(manifests, 'Service', 'sallyport-metrics'), 'spec.type'), 'ClusterIP')
  assert.match(JSON.stringify(only(manifests, 'ConfigMap')), /metrics_address: :9100/)
})

chartTest(
  'without metrics there is no Service for them, and the probes have their port',
  (render) => {
    const manifests = render({ metrics: { enabled: false } })
    const services = manifests.filter(({ kind }) => kind === 'Service')
    assert.deepEqual(
      services.map(({ metadata }) => metadata.name),
      ['sallyport'],
    )
    assert.match(JSON.stringify(only(manifests, 'ConfigMap')), /metrics_address: :9090/)
  },
)

for (const [key, kind, endpoints] of [
  ['serviceMonitor', 'ServiceMonitor', 'endpoints'],
  ['podMonitor', 'PodMonitor', 'podMetricsEndpoints'],
] as const) {
  chartTest(`the ${kind} selects the pods, with labels, intervals and relabelings`, (render) => {
    assert.ok(!render({}).some((manifest) => manifest.kind === kind))
    const monitor = {
      enabled: true,
      labels: { release: 'prometheus' },
      interval: '30s',
      scrapeTimeout: '10s',
      relabelings: [{ action: 'labeldrop', regex: 'node' }],
      metricRelabelings: [{ action: 'drop', regex: 'nodejs_.*' }],
    }
    const found = only(render({ metrics: { [key]: monitor } }), kind)
    const { enabled: _, labels, ...scrape } = monitor
    assert.equal(found.metadata.labels?.['release'], labels.release)
    assert.deepEqual(at(found, `spec.${endpoints}`), [
      { port: 'metrics', path: '/metrics', ...scrape },
    ])
    assert.deepEqual(at(found, 'spec.namespaceSelector.matchNames'), ['auth'])
    const bare = only(render({ metrics: { [key]: { enabled: true } } }), kind)
    assert.deepEqual(at(bare, `spec.${endpoints}`), [{ port: 'metrics', path: '/metrics' }])
  })
}

chartTest('every alert has a severity, a summary and a section among the runbooks', (render) => {
  const runbooks = readFileSync('docs/runbooks.md', 'utf8')
  const sections = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
  const rules = rulesOf(
    render({ metrics: { rules: { enabled: true, runbookUrl: 'https://runbooks' } } }),
  )
  assert.deepEqual(
    rules.map(({ alert }) => alert),
    sections,
  )
  for (const { alert, labels, annotations } of rules) {
    assert.match(labels['severity'] ?? '', /^(critical|warning)$/)
    assert.ok(annotations['summary'] && annotations['description'], alert)
    assert.equal(annotations['runbook_url'], `https://runbooks#${alert.toLowerCase()}`)
  }
})

chartTest('alerts look at this namespace, and at metrics that exist', (render) => {
  for (const { alert, expr } of rulesOf(render({ metrics: { rules: { enabled: true } } }))) {
    assert.match(expr, /namespace="auth"/, alert)
    assert.deepEqual(
      metricsIn(expr).filter((name) => !known.has(name)),
      [],
      alert,
    )
  }
})

chartTest('alerts can be left out and added', (render) => {
  const extra = [{ alert: 'Mine', expr: 'vector(1)' }]
  const rules = { enabled: true, labels: { a: 'b' }, disabled: ['SallyportDown'], extra }
  const manifests = render({ metrics: { rules } })
  const names = rulesOf(manifests).map(({ alert }) => alert)
  assert.ok(!names.includes('SallyportDown'))
  assert.equal(names.at(-1), 'Mine')
  assert.equal(only(manifests, 'PrometheusRule').metadata.labels?.['a'], 'b')
})

chartTest('the dashboard is found by its label, and draws metrics that exist', (render) => {
  const dashboard = { enabled: true, annotations: { folder: 'Identity' } }
  const map = render({ metrics: { dashboard } }).find(
    ({ metadata }) => metadata.name === 'sallyport-dashboard',
  )
  assert.equal(map?.metadata.labels?.['grafana_dashboard'], '1')
  assert.equal(map?.metadata.annotations?.['folder'], 'Identity')
  const [[name, text] = ['', '']] = Object.entries(map?.['data'] as Record<string, string>)
  assert.equal(name, 'sallyport.json')
  const { panels } = JSON.parse(text) as {
    panels: { title: string; targets: { expr: string }[] }[]
  }
  assert.ok(panels.length > 10)
  const used = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => metricsIn(expr)))
  assert.deepEqual(
    used.filter((metric) => !known.has(metric)),
    [],
  )
  // Every metric of ours is drawn somewhere.
  assert.deepEqual(
    Object.values(metricList).filter((metric) => !used.includes(metric.name)),
    [],
  )
})
