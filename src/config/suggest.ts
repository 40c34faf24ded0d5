import { flagOf, type Option } from './option.ts'

type Table = Readonly<Record<string, Option<unknown>>>

/**
 * A fix for a name that nobody knows: the key it probably means, spelt by `spell` as its source
 * spells keys. Knows that flags say one where keys say all (`email_domain`).
 */
export function didYouMean(name: string, table: Table, spell: (key: string) => string): string {
  const wanted = name.toLowerCase().replaceAll('-', '_')
  const key = keyOfFlag(wanted, table) ?? nearestName(wanted, Object.keys(table))
  return key === undefined ? 'remove it; --help lists what there is' : `did you mean ${spell(key)}?`
}

function keyOfFlag(wanted: string, table: Table): string | undefined {
  const flag = `--${wanted.replaceAll('_', '-')}`
  return Object.entries(table).find(([key, option]) => flagOf(key, option) === flag)?.[0]
}

/** The candidate with the smallest edit distance, unless it is another word altogether. */
function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let nearest: string | undefined
  let smallest = Math.max(2, Math.floor(name.length / 4)) + 1
  for (const candidate of candidates) {
    const distance = editDistance(name, candidate)
    if (distance < smallest) {
      smallest = distance
      nearest = candidate
    }
  }
  return nearest
}

/** Levenshtein: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const removed = (previous[column] ?? 0) + 1
      const inserted = (current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, removed, inserted))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
