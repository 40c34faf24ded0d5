import { foldName } from '../lib/header-name.ts'

/** One line of a header section; as `rawHeaders` has it, case and duplicates kept. */
export type Field = readonly [name: string, value: string]

/** Those of RFC 9110 7.6.1 and what older and HTTP/2 specifications tie to one connection. */
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** `rawHeaders` and `rawTrailers` of node:http (name, value, name, value, ...) as lines. */
export function toFields(raw: readonly string[]): Field[] {
  const fields: Field[] = []
  for (let index = 0; index + 1 < raw.length; index += 2) {
    fields.push([raw[index] ?? '', raw[index + 1] ?? ''])
  }
  return fields
}

export function isHopByHop(foldedName: string): boolean {
  return hopByHop.has(foldedName)
}

/** The header names that `Connection` ties to this one connection, folded. */
export function connectionOptions(fields: readonly Field[]): ReadonlySet<string> {
  const names = new Set<string>()
  for (const [name, value] of fields) {
    if (name.toLowerCase() !== 'connection') continue
    for (const option of value.split(',')) names.add(foldName(option))
  }
  return names
}
