/** The entries of one CSV record (RFC 4180); undefined when its quotes do not match up. */
export function parseCsv(record: string): readonly string[] | undefined {
  const entries: string[] = []
  let rest = record === '' ? undefined : record
  while (rest !== undefined) {
    const match = /^(?:"((?:[^"]|"")*)"|([^",]*))(?:,(.*))?$/s.exec(rest)
    if (!match) return undefined
    const [, quoted, bare = ''] = match
    entries.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'))
    rest = match[3]
  }
  return entries
}
