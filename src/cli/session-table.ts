import type { SessionCard } from '../session/directory.ts'

const heads = ['SESSION', 'USER', 'EMAIL', 'SIGNED IN', 'ENDS', 'ADDRESS', 'BROWSER']

/** For a terminal: a line for each session, below a head. */
export function sessionTable(cards: readonly SessionCard[]): string {
  const rows = [heads, ...cards.map(row)]
  const widths = heads.map((_, column) => Math.max(...rows.map((cells) => width(cells[column]))))
  return rows
    .map((cells) => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

function row({ id, user, email, createdAt, expiresAt, browser }: SessionCard): readonly string[] {
  const { address, userAgent } = browser
  const cells = [id, user, email, time(createdAt), time(expiresAt), address, userAgent]
  return cells.map((text) => (text === '' ? '-' : printable(text)))
}

function time(ms: number): string {
  return ms === 0 ? '' : new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** A browser may call itself anything, and a terminal obeys some of it. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{C}\p{Cn}]|[\u2028\u2029]/gu, '\uFFFD')
}

function width(cell: string | undefined): number {
  return cell?.length ?? 0
}
