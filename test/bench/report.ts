import type { Checks, Compared } from './checks.ts'
import type { Measurement } from './rounds.ts'
import type { Start } from './starts.ts'

/** A Markdown table with columns as wide as their widest cell. The first column is text. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? ''
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [head, rule, ...rows].map(line).join('\n')
}

/** `other` names the program to compare with; empty when there is none. */
export function checkTable({ bare, scenarios }: Checks, other: string): string {
  const head = ['check', 'CPU µs', 'lowest - highest', '/ bare', 'req/s', 'p50 ms', 'p99 ms', 'MiB']
  const line = (
    name: string,
    measured: Measurement,
    same: Measurement | undefined,
  ): readonly string[] => [
    name,
    measured.cpuMicroseconds.toFixed(0),
    measured.cpuRange.map((microseconds) => microseconds.toFixed(0)).join(' - '),
    same ? ratio(measured.cpuMicroseconds, same.cpuMicroseconds) : '',
    measured.requestsPerSecond.toFixed(0),
    ...latencyCells(measured),
    measured.residentMebibytes.toFixed(0),
  ]
  const otherHead = other === '' ? [] : [`${other} µs`, 'req/s', 'p99 ms', 'MiB', `/ ${other}`]
  return table(
    [...head, ...otherHead],
    [
      ...bare.map(({ name, measured }) => line(name, measured, measured)),
      ...scenarios.map((row) => [...line(row.name, row.sallyport, row.bare), ...otherCells(row)]),
    ],
  )
}

function otherCells({ sallyport, other }: Compared): readonly string[] {
  if (other === undefined) return []
  return [
    other.cpuMicroseconds.toFixed(0),
    other.requestsPerSecond.toFixed(0),
    other.p99Ms.toFixed(2),
    other.residentMebibytes.toFixed(0),
    ratio(sallyport.cpuMicroseconds, other.cpuMicroseconds),
  ]
}

export function nginxTable(rows: readonly Compared[], other: string): string {
  const cells = (measured: Measurement): readonly string[] => [
    measured.requestsPerSecond.toFixed(0),
    ...latencyCells(measured),
    measured.cpuMicroseconds.toFixed(0),
  ]
  const head = ['through nginx', 'req/s', 'p50 ms', 'p99 ms', 'CPU µs of the check']
  const otherHead = other === '' ? [] : [`${other} req/s`, 'p50 ms', 'p99 ms', 'CPU µs']
  return table(
    [...head, ...otherHead],
    rows.map(({ name, sallyport, other: theirs }) => [
      name,
      ...cells(sallyport),
      ...(theirs ? cells(theirs) : []),
    ]),
  )
}

export function startTable(starts: readonly (Start & { readonly name: string })[]): string {
  return table(
    ['start', 'ms to the first answer', 'MiB then'],
    starts.map(({ name, ms, residentMebibytes }) => [
      name,
      ms.toFixed(0),
      residentMebibytes.toFixed(0),
    ]),
  )
}

function latencyCells({ p50Ms, p99Ms }: Measurement): readonly string[] {
  return [p50Ms.toFixed(2), p99Ms.toFixed(2)]
}

function ratio(value: number, base: number): string {
  return (value / base).toFixed(2)
}
