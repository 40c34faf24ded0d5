import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'

interface Workflow {
  readonly permissions: unknown
  readonly jobs: Readonly<
    Record<string, { readonly steps: readonly { readonly uses?: string; readonly run?: string }[] }>
  >
}

const files = globSync('.github/workflows/*.yaml')

test('there is a workflow that releases', () => {
  assert.ok(files.includes('.github/workflows/release.yaml'))
})

for (const file of files) {
  const text = readFileSync(file, 'utf8')
  const workflow = parse(text) as Workflow
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps)

  test(`${file} pins every action by commit, and says which version that is`, () => {
    const uses = steps.flatMap((step) => step.uses ?? [])
    assert.ok(uses.length > 0)
    for (const action of uses) {
      assert.match(action, /^[\w.-]+\/[\w./-]+@[\da-f]{40}$/)
      assert.match(text, new RegExp(`${action} # v\\d+\\.\\d+\\.\\d+`))
    }
  })

  test(`${file} may only read unless a job asks for more`, () => {
    assert.deepEqual(workflow.permissions, { contents: 'read' })
  })

  test(`${file} puts nothing of the event into a script`, () => {
    // What GitHub fills in becomes part of the script: variables do not.
    for (const { run } of steps) assert.doesNotMatch(run ?? '', /\$\{\{/)
  })
}
