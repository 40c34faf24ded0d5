import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printOptions } from '../../../src/cli/options.ts'

function run(...argv: readonly string[]): { code: number; output: string } {
  const lines: string[] = []
  const code = printOptions({ argv, print: (text) => lines.push(text) })
  return { code, output: lines.join('\n') }
}

for (const [argv, start] of [
  [[], /^Command line:\n {2}--config {2}string/],
  [['--format=help'], /^Command line:/],
  [['--format=markdown'], /^# Options\n/],
  [['--format=json-schema'], /^\{\n {2}"\$schema"/],
] as const) {
  test(`prints the options for "${argv.join(' ')}"`, () => {
    const { code, output } = run(...argv)
    assert.equal(code, 0)
    assert.match(output, start)
    assert.ok(!output.endsWith('\n'))
  })
}

for (const argv of [
  ['--format=xml'],
  ['--format=toString'],
  ['markdown'],
  ['--format=help', 'x'],
]) {
  test(`prints the usage for "${argv.join(' ')}"`, () => {
    assert.deepEqual(run(...argv), {
      code: 2,
      output: 'usage: sallyport options --format=help|markdown|json-schema',
    })
  })
}
