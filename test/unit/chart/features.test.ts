import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

test('every test that docs/reference/chart.md names exists', () => {
  const page = readFileSync('docs/reference/chart.md', 'utf8')
  const named = [...page.matchAll(/^\| \d+ +\| [^|]+ \| ([^|]+?) +\|$/gm)].map(
    ([, name = '']) => name,
  )
  assert.equal(named.length, 30)
  const sources = globSync('test/{chart,unit/chart}/*.test.ts')
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
  const missing = named.filter((name) => {
    // A table of cases has the name's end alone.
    const [, last = name] = /^refused with the line to add: (.*)$/.exec(name) ?? []
    return !sources.includes(`'${last}'`)
  })
  assert.deepEqual(missing, [])
})
