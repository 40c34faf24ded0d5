import { parse as parseToml, TomlError } from 'smol-toml'
import { parseDocument } from 'yaml'
import type { Finding } from '../finding.ts'
import type { Fault, RawScalar, RawValue } from '../kind.ts'
import { optionTable } from '../options.ts'
import { didYouMean } from '../suggest.ts'
import { lineOfKey } from './line-of-key.ts'
import { readText, type ReadFile } from './read-text.ts'
import type { Reading, Setting } from './setting.ts'

type Content =
  { readonly ok: true; readonly content: unknown } | { readonly ok: false; readonly fault: Fault }

/** Reads a TOML file, or a YAML one by its extension: flat keys, in any case. */
export function readConfigFile(path: string, readFile: ReadFile): Reading {
  const refused = (fault: Fault): Reading => ({
    settings: [],
    findings: [{ ...fault, option: path, source: 'flag --config' }],
  })
  const text = readText(path, readFile)
  if (!text.ok) return refused(text.fault)
  const parsed = /\.ya?ml$/i.test(path) ? parseYaml(text.value) : parseTomlText(text.value)
  if (!parsed.ok) return refused(parsed.fault)
  if (!isTable(parsed.content)) {
    return refused({ problem: 'holds no keys', fix: 'write one option a line' })
  }
  return readTable(parsed.content, path, text.value)
}

/** Integers stay exact: client ids of 18 digits are common. */
function parseTomlText(text: string): Content {
  try {
    return { ok: true, content: parseToml(text, { integersAsBigInt: true }) }
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    // The parser's own message quotes the file, secrets included.
    const problem = `is not valid TOML at line ${error.line}, column ${error.column}`
    return { ok: false, fault: { problem, fix: 'quote strings; write one key = value a line' } }
  }
}

function parseYaml(text: string): Content {
  const document = parseDocument(text, { intAsBigInt: true, prettyErrors: true })
  const [error] = document.errors
  const fix = 'write one key: value a line; quote strings that start with * or &'
  if (error) {
    const line = error.linePos?.[0].line ?? 1
    return {
      ok: false,
      fault: { problem: `is not valid YAML at line ${line} (${error.code})`, fix },
    }
  }
  try {
    return { ok: true, content: document.toJS() as unknown }
  } catch {
    return { ok: false, fault: { problem: 'is not valid YAML: an alias leads nowhere', fix } }
  }
}

function readTable(table: Readonly<Record<string, unknown>>, path: string, text: string): Reading {
  const settings = new Map<string, Setting>()
  const findings: Finding[] = []
  for (const [name, value] of Object.entries(table)) {
    const key = name.toLowerCase()
    const line = lineOfKey(text, name)
    const source = line === undefined ? path : `${path} line ${line}`
    const complain = (problem: string, fix: string): void => {
      findings.push({ option: name, source, problem, fix })
    }
    if (value === null) continue
    if (!isRawValue(value)) {
      complain('is a table or a date', 'options are flat: give one value or a list of values')
    } else if (!Object.hasOwn(optionTable, key)) {
      complain(
        'is not an option',
        didYouMean(name, optionTable, (known) => known),
      )
    } else if (settings.has(key)) {
      complain('is given twice, in different case', 'keep one of them')
    } else {
      settings.set(key, { key, raw: value, source })
    }
  }
  return { settings: [...settings.values()], findings }
}

function isTable(content: unknown): content is Readonly<Record<string, unknown>> {
  return typeof content === 'object' && content !== null && !Array.isArray(content)
}

function isRawValue(value: unknown): value is RawValue {
  return Array.isArray(value) ? value.every(isRawScalar) : isRawScalar(value)
}

function isRawScalar(value: unknown): value is RawScalar {
  return ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
