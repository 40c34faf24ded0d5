import type { RawValue } from '../kind.ts'

/** A default as people write it; empty when the option is unset by default. */
export function defaultText(raw: RawValue): string {
  return Array.isArray(raw) ? raw.join(',') : String(raw)
}
