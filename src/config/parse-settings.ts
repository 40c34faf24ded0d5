import { Secret } from '../lib/secret.ts'
import type { Finding } from './finding.ts'
import type { Fault } from './kind.ts'
import type { Option } from './option.ts'
import type { Setting } from './sources/setting.ts'

export interface ParsedSettings {
  /** Of the served options that could be parsed; the default where nobody set one. */
  readonly values: Readonly<Record<string, unknown>>
  readonly findings: readonly Finding[]
  readonly warnings: readonly Finding[]
}

/** Turns raw settings into values by each option's kind, and refuses what is not served. */
export function parseSettings(
  table: Readonly<Record<string, Option<unknown>>>,
  settings: ReadonlyMap<string, Setting>,
): ParsedSettings {
  const values: Record<string, unknown> = {}
  const findings: Finding[] = []
  const warnings: Finding[] = []
  for (const [key, option] of Object.entries(table)) {
    const { raw, source } = settings.get(key) ?? { raw: option.default, source: 'default' }
    const locate = (fault: Fault): Finding => ({ ...fault, option: key, source })
    const parsed = option.kind.parse(raw)
    if (!parsed.ok) {
      findings.push(...parsed.faults.map(locate))
    } else if (option.served) {
      values[key] = parsed.value
      warnings.push(...parsed.warnings.map(locate))
    } else if (!isDefault(parsed.value, option)) {
      findings.push(locate(notServed))
    }
  }
  return { values, findings, warnings }
}

const notServed: Fault = {
  problem: 'is an option of oauth2-proxy that is not served yet',
  fix: 'remove it',
}

function isDefault(value: unknown, option: Option<unknown>): boolean {
  const parsed = option.kind.parse(option.default)
  return parsed.ok && comparable(value) === comparable(parsed.value)
}

/** Unserved options hold text, numbers, booleans, secrets and lists of text. */
function comparable(value: unknown): string {
  return value instanceof Secret ? value.reveal() : JSON.stringify(value)
}
