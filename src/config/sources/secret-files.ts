import type { Finding } from '../finding.ts'
import type { RawValue } from '../kind.ts'
import { readText, type FileText, type ReadFile } from './read-text.ts'
import type { Setting } from './setting.ts'

/** Options that may come from a file of their own. */
export type SecretKey =
  | 'client_secret'
  | 'cookie_secret'
  | 'admin_token'
  | 'redis_password'
  | 'redis_sentinel_password'
  | 'redis_connection_url'

/** The options that name these files. */
const secretFiles: readonly (readonly [secret: SecretKey, file: string])[] = [
  ['client_secret', 'client_secret_file'],
  ['cookie_secret', 'cookie_secret_file'],
  ['admin_token', 'admin_token_file'],
  ['redis_password', 'redis_password_file'],
  ['redis_sentinel_password', 'redis_sentinel_password_file'],
  ['redis_connection_url', 'redis_connection_url_file'],
]

export interface SecretFinding {
  /** The secret that is missing because of it. */
  readonly secret: string
  readonly finding: Finding
}

/**
 * Reads the files of secrets that are not given directly; the name of another file is taken out, so
 * that nobody reads it later. Each setting returned takes the place of one from another source.
 */
export function readSecretFiles(
  settings: ReadonlyMap<string, Setting>,
  readFile: ReadFile,
): { readonly settings: readonly Setting[]; readonly findings: readonly SecretFinding[] } {
  const read: Setting[] = []
  const findings: SecretFinding[] = []
  for (const [key, fileKey] of secretFiles) {
    const file = settings.get(fileKey)
    if (!file || isEmpty(file)) continue
    if (!isEmpty(settings.get(key))) {
      read.push({ ...file, raw: '' })
      continue
    }
    const path = String(file.raw)
    const text = readSecret(key, path, readFile)
    if (text.ok) read.push({ key, raw: text.value, source: `file ${path}` })
    else {
      const finding = { option: fileKey, source: file.source, ...text.fault }
      findings.push({ secret: key, finding })
    }
  }
  return { settings: read, findings }
}

/**
 * What a file's text means: the newline at its end is no part of the secret, and several lines are
 * several cookie secrets. Undefined when nothing is left.
 */
export function rawSecret(key: string, text: string): RawValue | undefined {
  const value = text.replace(/\r?\n$/, '')
  if (key !== 'cookie_secret') return value === '' ? undefined : value
  const lines = value
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  // A single line may hold several, as the option itself may.
  return lines.length > 1 ? lines : lines[0]
}

function readSecret(key: SecretKey, path: string, readFile: ReadFile): SecretText {
  const text = readText(path, readFile)
  if (!text.ok) return text
  const value = rawSecret(key, text.value)
  if (value !== undefined) return { ok: true, value }
  return { ok: false, fault: { problem: 'names an empty file', fix: 'write the secret to it' } }
}

type SecretText =
  { readonly ok: true; readonly value: RawValue } | Extract<FileText, { readonly ok: false }>

function isEmpty(setting: Setting | undefined): boolean {
  return setting === undefined || setting.raw === '' || isEmptyList(setting.raw)
}

function isEmptyList(raw: RawValue): boolean {
  return Array.isArray(raw) && raw.length === 0
}
