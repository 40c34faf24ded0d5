import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { frontNames } from '../../../src/core/auth-request.ts'
import { signInFailures } from '../../../src/core/sign-in-failure.ts'
import {
  metricList,
  outcomeReasons,
  providerOperations,
  refreshResults,
  sessionEvents,
  routes,
  signInResults,
  statusClasses,
  storeOperations as storeOperationNames,
  type MetricDeclaration,
} from '../../../src/telemetry/metric-list.ts'
import { createMetrics } from '../../../src/telemetry/metrics.ts'

const read = (name: string) =>
  readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8')

/** The rows of the first table below a heading, as cells without the surrounding spaces. */
function table(document: string, heading: string): readonly (readonly string[])[] {
  const section = document.split(new RegExp(`^#+ ${heading}$`, 'm'))[1] ?? ''
  const [, lines = ''] = /\n((?:\|.*\n)+)/.exec(section) ?? []
  const rows = lines.trim().split('\n').slice(2)
  return rows.map((row) =>
    row
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}

const code = (words: readonly string[]) => words.map((word) => `\`${word}\``).join(', ')

test('docs/reference/metrics.md lists each metric with its type, labels and meaning', async () => {
  const { text } = await createMetrics({ version: '1' }).exposition()
  const expected = Object.values(metricList).map(({ name, help, labelNames }) => {
    const [, type = ''] = new RegExp(`^# TYPE ${name} (\\w+)$`, 'm').exec(text) ?? []
    return [`\`${name}\``, type, code(labelNames), help]
  })
  assert.deepEqual(table(read('metrics.md'), 'Metrics'), expected)
})

test('docs/reference/metrics.md lists the values of the labels', () => {
  const { checks, signIns, refreshes, sessions } = metricList
  const { providerRequests, storeOperations, httpRequests } = metricList
  const row = ({ name }: MetricDeclaration, label: string, values: readonly string[]) => [
    `\`${name}\``,
    `\`${label}\``,
    code(values),
  ]
  assert.deepEqual(table(read('metrics.md'), 'Label values'), [
    row(checks, 'front', frontNames),
    row(signIns, 'result', signInResults),
    row(refreshes, 'result', refreshResults),
    row(sessions, 'event', sessionEvents),
    row(providerRequests, 'operation', providerOperations),
    row(storeOperations, 'operation', storeOperationNames),
    row(httpRequests, 'route', routes),
    row(httpRequests, 'code', statusClasses),
  ])
})

for (const [heading, words] of [
  ...Object.entries(outcomeReasons),
  ['Sign-ins that failed', signInFailures],
] as const) {
  test(`docs/reference/decisions.md explains each reason under "${heading}"`, () => {
    const rows = table(read('decisions.md'), heading)
    assert.deepEqual(
      rows.map(([reason]) => reason),
      words.map((word) => `\`${word}\``),
    )
    assert.ok(rows.every((cells) => cells.every((cell) => cell !== '')))
  })
}
