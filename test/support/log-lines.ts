/** A log destination that keeps each line as the object it is. */
export interface LogLines {
  readonly lines: readonly Readonly<Record<string, unknown>>[]
  write(line: string): void
}

export function logLines(): LogLines {
  const lines: Readonly<Record<string, unknown>>[] = []
  return {
    lines,
    write(line) {
      lines.push(JSON.parse(line) as Readonly<Record<string, unknown>>)
    },
  }
}
