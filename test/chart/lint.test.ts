import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import { requireHelms } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'

const files = globSync('charts/sallyport/ci/*-values.yaml').sort()

test('helm lint --strict finds nothing, whatever the values', (t) => {
  for (const helm of requireHelms(t)) {
    for (const file of files) {
      const args = ['lint', '--strict', '--quiet', 'charts/sallyport', '--values', file]
      const { status, stdout, stderr } = spawnSync(helm, args, { encoding: 'utf8' })
      assert.equal(status, 0, `${stdout}${stderr}`)
    }
  }
})

test('yamllint finds nothing in what people write', (t) => {
  const yamllint = requireComponent(t, 'yamllint')
  if (yamllint === undefined) return
  const paths = ['Chart.yaml', 'values.yaml', 'files', 'ci'].map(
    (path) => `charts/sallyport/${path}`,
  )
  const { status, stdout } = spawnSync(yamllint, ['--strict', ...paths, 'manifests'], {
    encoding: 'utf8',
  })
  assert.equal(status, 0, stdout)
})

test('no part of the chart depends on another chart or on the network', () => {
  assert.deepEqual(globSync('charts/sallyport/{charts,Chart.lock,requirements.yaml}'), [])
})
