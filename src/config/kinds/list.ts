import { accept, refuse, type Fault, type JsonSchema, type Kind, type Parsed } from '../kind.ts'

/**
 * A list of strings. A single string of a file or variable splits at bare commas; entries of an
 * array and of the command line (CSV) are taken whole.
 */
export const strings: Kind<readonly string[]> = {
  type: 'list of strings',
  flag: 'list',
  secret: false,
  schema: { type: ['array', 'string'], items: { type: 'string' } },
  parse(raw) {
    if (raw === '') return accept([])
    if (typeof raw === 'string') return accept(raw.split(','))
    return accept((Array.isArray(raw) ? raw : [raw]).map(String))
  },
}

/** A list of strings of which none is empty: an empty one would silently stand for no rule. */
export const names: Kind<readonly string[]> = listOf({ type: 'list of strings' }, (entry) =>
  entry.trim() === '' ? refuse('is empty', 'remove it, or the comma beside it') : accept(entry),
)

/** A list whose entries are parsed one by one; faults name the entry by its position. */
export function listOf<T>(
  facts: { readonly type: string; readonly schema?: JsonSchema },
  parseEntry: (entry: string) => Parsed<T>,
): Kind<readonly T[]> {
  return {
    ...strings,
    ...facts,
    parse(raw) {
      const entries = strings.parse(raw)
      return entries.ok ? parseEntries(entries.value, parseEntry) : entries
    },
  }
}

function parseEntries<T>(
  entries: readonly string[],
  parseEntry: (entry: string) => Parsed<T>,
): Parsed<readonly T[]> {
  const values: T[] = []
  const warnings: Fault[] = []
  const faults: Fault[] = []
  for (const [index, entry] of entries.entries()) {
    const locate = (fault: Fault): Fault =>
      entries.length === 1 ? fault : { ...fault, problem: `entry ${index + 1} ${fault.problem}` }
    const parsed = parseEntry(entry)
    if (parsed.ok) {
      values.push(parsed.value)
      warnings.push(...parsed.warnings.map(locate))
    } else {
      faults.push(...parsed.faults.map(locate))
    }
  }
  return faults.length > 0 ? { ok: false, faults } : accept(values, warnings)
}
