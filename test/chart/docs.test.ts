import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { chartTest, helmTemplate } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'

/** The code blocks of a page in one language, without their indentation. */
function blocks(page: string, language: string): readonly string[] {
  const fence = new RegExp('^( *)```' + language + '\\n([\\s\\S]*?)^ *```', 'gm')
  return [...readFileSync(page, 'utf8').matchAll(fence)].map(([, indent = '', code = '']) =>
    code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )
}

chartTest('every block of values in docs/kubernetes.md is one that the chart takes', (render) => {
  const examples = blocks('docs/kubernetes.md', 'yaml')
  assert.ok(examples.length >= 6)
  for (const example of examples) {
    const values = parse(example) as object
    render({ portal: { host: 'auth.example.com' }, ...values })
  }
})

test('the five minutes need no value that the page does not name', (t) => {
  const helm = requireComponent(t, 'helm-4')
  if (helm === undefined) return
  const [first = ''] = blocks('docs/kubernetes.md', 'yaml')
  assert.equal(helmTemplate({ helm, values: parse(first) as Record<string, unknown> }).error, '')
})

for (const page of ['README.md', 'charts/sallyport/README.md']) {
  test(`the installation of ${page} is one that Helm takes`, (t) => {
    const helm = requireComponent(t, 'helm-4')
    if (helm === undefined) return
    const commands = blocks(page, 'sh')
      .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
      .filter((line) => line.startsWith('helm install'))
    assert.equal(commands.length, 1)
    const [, , ...args] = (commands[0] ?? '').split(/ +/)
    const { status, stderr } = spawnSync(helm, ['template', ...args], { encoding: 'utf8' })
    assert.equal(status, 0, stderr)
  })
}

test('links of the Kubernetes pages lead somewhere', () => {
  for (const page of ['docs/kubernetes.md', 'docs/runbooks.md', 'charts/sallyport/README.md']) {
    const folder = page.replace(/[^/]+$/, '')
    const links = readFileSync(page, 'utf8').matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)
    for (const [, target = ''] of links) {
      if (!target.startsWith('http')) assert.ok(existsSync(folder + target), `${page}: ${target}`)
    }
  }
})
