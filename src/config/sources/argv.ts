import type { Finding } from '../finding.ts'
import type { RawScalar, RawValue } from '../kind.ts'
import { flagOf, type Option } from '../option.ts'
import { optionTable } from '../options.ts'
import { commandLineOptions } from '../options/command-line.ts'
import { didYouMean } from '../suggest.ts'
import { parseCsv } from './csv.ts'
import type { Reading, Setting } from './setting.ts'

interface Flag {
  readonly key: string
  readonly option: Option<unknown>
}

const table: Readonly<Record<string, Option<unknown>>> = { ...optionTable, ...commandLineOptions }
const flags: ReadonlyMap<string, Flag> = new Map(
  Object.entries(table).map(([key, option]) => [flagOf(key, option), { key, option }]),
)

/**
 * Reads `--flag=value`, `--flag value` and, for booleans, `--flag`. Lists are CSV and accumulate;
 * of any other flag the last one counts. Arguments are never repeated in findings: one may be a
 * secret that lost its flag.
 */
export function readArgv(argv: readonly string[]): Reading {
  const settings = new Map<string, Setting>()
  const findings: Finding[] = []
  const complain = (option: string, problem: string, fix: string): void => {
    findings.push({ option, source: 'command line', problem, fix })
  }

  for (let index = 0; index < argv.length; index += 1) {
    const [name, attached] = splitAtEquals(argv[index] ?? '')
    if (!/^--\w/.test(name)) {
      const fix = 'write --flag=value; a boolean needs the = too: --flag=false'
      complain(`argument ${index + 1}`, 'is not a flag', fix)
      continue
    }
    const flag = flags.get(name)
    if (!flag) {
      complain(name, 'is not a flag', didYouMean(name.slice(2), table, spellFlag))
      if (attached === undefined && !argv[index + 1]?.startsWith('--')) index += 1
      continue
    }
    const isSwitch = flag.option.kind.flag === 'switch'
    const value = attached ?? (isSwitch ? 'true' : argv[(index += 1)])
    if (value === undefined || (isSwitch && value === '')) {
      complain(name, 'has no value', `write ${name}=value`)
      continue
    }
    const raw = combine(flag, value, settings.get(flag.key)?.raw)
    if (raw === undefined) complain(name, 'has unbalanced quotes', 'quote a whole entry, as in CSV')
    else settings.set(flag.key, { key: flag.key, raw, source: `flag ${name}` })
  }
  return { settings: [...settings.values()], findings }
}

function spellFlag(key: string): string {
  return flagOf(key, table[key] ?? {})
}

function splitAtEquals(argument: string): [name: string, value: string | undefined] {
  const equals = argument.indexOf('=')
  if (equals === -1) return [argument, undefined]
  return [argument.slice(0, equals), argument.slice(equals + 1)]
}

function combine(flag: Flag, value: string, earlier: RawValue | undefined): RawValue | undefined {
  if (flag.option.kind.flag !== 'list') return value
  const entries = parseCsv(value)
  return entries && [...(Array.isArray(earlier) ? (earlier as RawScalar[]) : []), ...entries]
}
