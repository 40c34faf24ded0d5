const entry = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y

/** The entries of one CSV record (RFC 4180); undefined when its quotes do not match up. */
export function parseCsv(record: string): readonly string[] | undefined {
  if (record === '') return []
  const entries: string[] = []
  entry.lastIndex = 0
  for (;;) {
    const match = entry.exec(record)
    if (!match) return undefined
    const [, quoted, bare = '', end] = match
    entries.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    if (end === '') return entries
  }
}
