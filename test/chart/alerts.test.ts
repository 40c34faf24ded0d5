import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { at, only, render, withRequired } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { temporaryFolder } from '../support/process.ts'

/** Series of metrics minute by minute, and which alerts are up after 40 minutes. */
interface Scenario {
  readonly name: string
  readonly series: Readonly<Record<string, string>>
  readonly alerts: readonly string[]
}

const up = { 'sallyport_build_info{namespace="auth", pod="a", version="1"}': '1x60' }
const checks = (outcome: string, values: string): Readonly<Record<string, string>> => ({
  [`sallyport_checks_total{namespace="auth", outcome="${outcome}"}`]: values,
})

const scenarios: readonly Scenario[] = [
  {
    name: 'all is well',
    series: { ...up, ...checks('allow', '0+60x60'), ...checks('unavailable', '0x60') },
    alerts: [],
  },
  { name: 'nobody reports', series: {}, alerts: ['SallyportDown'] },
  {
    name: 'another installation is well',
    series: { 'sallyport_build_info{namespace="other", version="1"}': '1x60' },
    alerts: ['SallyportDown'],
  },
  {
    name: 'two checks in a hundred cannot be decided',
    series: { ...up, ...checks('allow', '0+98x60'), ...checks('unavailable', '0+2x60') },
    alerts: ['SallyportChecksUnavailable'],
  },
  {
    name: 'the first sign-in whose client is rejected',
    series: {
      ...up,
      'sallyport_sign_ins_total{namespace="auth", result="client-rejected"}': '0x35 1x25',
    },
    alerts: ['SallyportClientRejected'],
  },
  {
    name: 'half of the sign-ins fail, by whom the provider does not know and by a wrong clock',
    series: {
      ...up,
      'sallyport_sign_ins_total{namespace="auth", result="ok"}': '0+5x60',
      'sallyport_sign_ins_total{namespace="auth", result="clock-skew"}': '0+5x60',
    },
    alerts: ['SallyportSignInsFail'],
  },
  {
    name: 'people who may not enter are no failure',
    series: {
      ...up,
      'sallyport_sign_ins_total{namespace="auth", result="ok"}': '0+1x60',
      'sallyport_sign_ins_total{namespace="auth", result="email-not-allowed"}': '0+9x60',
    },
    alerts: [],
  },
  {
    name: 'Redis and provider fail',
    series: {
      ...up,
      'sallyport_store_operation_duration_seconds_count{namespace="auth", result="ok"}': '0+9x60',
      'sallyport_store_operation_duration_seconds_count{namespace="auth", result="error"}':
        '0+1x60',
      'sallyport_provider_request_duration_seconds_count{namespace="auth", result="error"}':
        '0+1x60',
    },
    alerts: ['SallyportStoreErrors', 'SallyportProviderErrors'],
  },
  {
    name: 'a wave of refused refreshes',
    series: {
      ...up,
      'sallyport_refreshes_total{namespace="auth", result="refreshed"}': '0+1x60',
      'sallyport_refreshes_total{namespace="auth", result="rejected"}': '0+3x60',
    },
    alerts: ['SallyportRefreshesRejected'],
  },
  {
    name: 'slow checks of a pod without CPU',
    series: {
      ...up,
      'sallyport_http_request_duration_seconds_bucket{namespace="auth", route="check", le="0.5"}':
        '0+90x60',
      'sallyport_http_request_duration_seconds_bucket{namespace="auth", route="check", le="1"}':
        '0+100x60',
      'sallyport_http_request_duration_seconds_bucket{namespace="auth", route="check", le="+Inf"}':
        '0+100x60',
      'nodejs_eventloop_lag_p99_seconds{namespace="auth", pod="a"}': '0.2x60',
    },
    alerts: ['SallyportChecksSlow', 'SallyportEventLoopLag'],
  },
  {
    name: 'the lag of another program is not ours',
    series: { ...up, 'nodejs_eventloop_lag_p99_seconds{namespace="auth", pod="other"}': '0.2x60' },
    alerts: [],
  },
  {
    name: 'a rollout came to a halt',
    series: { ...up, 'sallyport_build_info{namespace="auth", pod="b", version="2"}': '1x60' },
    alerts: ['SallyportVersionsDiffer'],
  },
]

test('Prometheus takes the rules, and each alert comes up when it must and only then', (t) => {
  const [promtool, helm] = [requireComponent(t, 'promtool'), requireComponent(t, 'helm-4')]
  if (promtool === undefined || helm === undefined) return
  const groups = at(
    only(
      render({ helm, values: withRequired({ metrics: { rules: { enabled: true } } }) }),
      'PrometheusRule',
    ),
    'spec.groups',
  ) as readonly { readonly rules: readonly { readonly alert: string }[] }[]
  const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
  assert.deepEqual(
    names.filter((name) => !scenarios.some(({ alerts }) => alerts.includes(name))),
    [],
    'an alert without a scenario',
  )
  assertPromtool(t, promtool, groups, names)
})

/** Presence is asked with `ALERTS`, whose labels and annotations need not be repeated. */
function assertPromtool(
  t: TestContext,
  promtool: string,
  groups: unknown,
  names: readonly string[],
): void {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'rules.yaml'), stringify({ groups }))
  const tests = scenarios.map(({ name, series, alerts }) => ({
    name,
    interval: '1m',
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    promql_expr_test: names.map((alertname) => ({
      expr: `count(ALERTS{alertname="${alertname}", alertstate="firing"})`,
      eval_time: '40m',
      exp_samples: alerts.includes(alertname) ? [{ labels: '{}', value: 1 }] : [],
    })),
  }))
  writeFileSync(join(folder, 'tests.yaml'), stringify({ rule_files: ['rules.yaml'], tests }))
  for (const args of [
    ['check', 'rules', 'rules.yaml'],
    ['test', 'rules', 'tests.yaml'],
  ]) {
    const { status, stdout, stderr } = spawnSync(promtool, args, { cwd: folder, encoding: 'utf8' })
    assert.equal(status, 0, `${stdout}${stderr}`)
  }
}
