import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Kind, RawValue } from '../../../../src/config/kind.ts'

/** Names one test for each raw value with what the kind makes of it. */
export function accepts<T>(
  name: string,
  kind: Kind<T>,
  cases: readonly (readonly [raw: RawValue, value: unknown])[],
): void {
  for (const [raw, value] of cases) {
    test(`${name}: takes ${show(raw)}`, () => {
      const parsed = kind.parse(raw)
      assert.ok(parsed.ok, 'is refused')
      assert.deepEqual(parsed.value, value)
      assert.deepEqual(parsed.warnings, [])
    })
  }
}

export function refuses(
  name: string,
  kind: Kind<unknown>,
  cases: readonly (readonly [raw: RawValue, problem: RegExp])[],
): void {
  for (const [raw, problem] of cases) {
    test(`${name}: refuses ${show(raw)}`, () => {
      const parsed = kind.parse(raw)
      assert.ok(!parsed.ok, 'is taken')
      assert.match(parsed.faults.map((fault) => fault.problem).join('\n'), problem)
      assert.ok(parsed.faults.every(({ fix }) => fix !== ''))
    })
  }
}

export function warns(
  name: string,
  kind: Kind<unknown>,
  cases: readonly (readonly [raw: RawValue, problem: RegExp])[],
): void {
  for (const [raw, problem] of cases) {
    test(`${name}: takes ${show(raw)} with a warning`, () => {
      const parsed = kind.parse(raw)
      assert.ok(parsed.ok, 'is refused')
      assert.match(parsed.warnings.map((warning) => warning.problem).join('\n'), problem)
    })
  }
}

function show(raw: RawValue): string {
  return JSON.stringify(raw, (_, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value,
  )
}
