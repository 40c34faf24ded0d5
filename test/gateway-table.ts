// The end of `npm test`: which gateway passed which scenario of test/support/gateway-scenarios.ts.
import type { TestEvent } from 'node:test/reporters'

type Result = 'ok' | 'FAILED' | 'skipped'

interface Row {
  readonly results: ReadonlyMap<string, Result>
  /** For the scenarios that are not in it. */
  readonly rest: Result | '-'
}

export interface GatewayTable {
  add(event: TestEvent): void
  /** One line a gateway; empty when no scenario ran. */
  lines(): readonly string[]
}

/** node:test names the file that holds the test, which all gateways share. */
const scenarioFile = /\/support\/gateway-scenarios\.ts$/

/**
 * A scenario is a subtest of its gateway's test; node:test tells of it before its parent, whose name
 * is the gateway's, and of one file after the other.
 */
export function createGatewayTable(): GatewayTable {
  const rows = new Map<string, Row>()
  let results = new Map<string, Result>()

  return {
    add(event) {
      if (event.type !== 'test:pass' && event.type !== 'test:fail') return
      const { file = '', name, nesting, skip } = event.data
      if (!scenarioFile.test(file)) return
      const passed = skip === undefined ? 'ok' : 'skipped'
      const result = event.type === 'test:pass' ? passed : 'FAILED'
      if (nesting === 0) {
        // Without a scenario the gateway was not there, or did not come up.
        rows.set(name, { results, rest: results.size === 0 ? result : '-' })
        results = new Map()
      } else {
        results.set(name, result)
      }
    },
    lines() {
      const scenarios = [
        ...new Set([...rows.values()].flatMap(({ results }) => [...results.keys()])),
      ]
      if (scenarios.length === 0) return []
      return aligned([
        ['gateway', ...scenarios],
        ...[...rows]
          .toSorted(([one], [other]) => one.localeCompare(other))
          .map(([name, { results, rest }]) => [
            name,
            ...scenarios.map((key) => results.get(key) ?? rest),
          ]),
      ])
    },
  }
}

function aligned(table: readonly (readonly string[])[]): readonly string[] {
  const widths = table[0]?.map((_, column) =>
    Math.max(...table.map((row) => row[column]?.length ?? 0)),
  )
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths?.[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
