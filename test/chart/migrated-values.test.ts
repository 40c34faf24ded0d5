import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { migrateChartValues } from '../../src/config/migrate/chart-values.ts'
import { at, only, render, requireHelms } from '../support/chart.ts'

test("values of oauth2-proxy's chart, migrated, are values of this one", (t) => {
  const source = readFileSync('test/data/oauth2-proxy-chart-values.yaml', 'utf8')
  const values = parse(migrateChartValues(source).text) as Record<string, unknown>
  for (const helm of requireHelms(t)) {
    const manifests = render({ helm, values })
    const config = at(
      only(
        manifests.filter(({ metadata }) => !metadata.name.includes('emails')),
        'ConfigMap',
      ),
      'data',
    )
    assert.match(JSON.stringify(config), /cookie_refresh: 1h/)
    assert.equal(at(only(manifests, 'Ingress'), 'spec.rules.0.host'), 'auth.example.com')
  }
})
