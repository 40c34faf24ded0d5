import type { Finding } from '../finding.ts'
import type { RawValue } from '../kind.ts'
import { readText, type FileText, type ReadFile } from './read-text.ts'
import type { Setting } from './setting.ts'

/** Options that may come from a file of their own, and the options that name it. */
const secretFiles: readonly (readonly [secret: string, file: string])[] = [
  ['client_secret', 'client_secret_file'],
  ['cookie_secret', 'cookie_secret_file'],
  ['admin_token', 'admin_token_file'],
  ['redis_password', 'redis_password_file'],
  ['redis_connection_url', 'redis_connection_url_file'],
]

export interface SecretFinding {
  /** The secret that is missing because of it. */
  readonly secret: string
  readonly finding: Finding
}

/**
 * Reads the files of secrets that are not given directly; the newline at a file's end is not part
 * of the secret. Each setting returned takes the place of one from another source.
 */
export function readSecretFiles(
  settings: ReadonlyMap<string, Setting>,
  readFile: ReadFile,
): { readonly settings: readonly Setting[]; readonly findings: readonly SecretFinding[] } {
  const read: Setting[] = []
  const findings: SecretFinding[] = []
  for (const [key, fileKey] of secretFiles) {
    const file = settings.get(fileKey)
    if (!file || isEmpty(file) || !isEmpty(settings.get(key))) continue
    const path = String(file.raw)
    const text = readSecret(path, readFile)
    if (text.ok) read.push({ key, raw: text.value, source: `file ${path}` })
    else {
      const finding = { option: fileKey, source: file.source, ...text.fault }
      findings.push({ secret: key, finding })
    }
  }
  return { settings: read, findings }
}

function readSecret(path: string, readFile: ReadFile): FileText {
  const text = readText(path, readFile)
  if (!text.ok) return text
  const value = text.value.replace(/\r?\n$/, '')
  if (value !== '') return { ok: true, value }
  return { ok: false, fault: { problem: 'names an empty file', fix: 'write the secret to it' } }
}

function isEmpty(setting: Setting | undefined): boolean {
  return setting === undefined || setting.raw === '' || isEmptyList(setting.raw)
}

function isEmptyList(raw: RawValue): boolean {
  return Array.isArray(raw) && raw.length === 0
}
