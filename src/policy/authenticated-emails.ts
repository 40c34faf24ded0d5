// `authenticated_emails_file`: who may enter by name, read again whenever the file changes.
import { readFileSync } from 'node:fs'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { foldCase } from './email-domains.ts'

export interface AuthenticatedEmailsDeps {
  readonly path: string
  readonly log: Log
  /** How often the file is looked at. */
  readonly pollMs?: number
}

export interface AuthenticatedEmails {
  has(email: string): boolean
  /** Stops looking at the file. */
  close(): void
}

/**
 * One address a line, the first column of CSV; `#` starts a comment line, letter case of ASCII does
 * not count. Throws when the file cannot be read at start; later such a change is logged and the
 * addresses known before stay. Reads the file again and again: a ConfigMap is swapped by a symlink
 * two levels up, where no watcher of the file looks.
 */
export function createAuthenticatedEmails(deps: AuthenticatedEmailsDeps): AuthenticatedEmails {
  const { path, log, pollMs = 5000 } = deps
  let text = readText(path)
  let emails = parseFile(path, text)
  let fault = ''

  function look(): void {
    try {
      const found = readText(path)
      if (found !== text) {
        emails = parseFile(path, found)
        log.info('authenticated emails reloaded', { count: emails.size })
      }
      text = found
      fault = ''
    } catch (error) {
      const cause = describeError(error)
      if (cause !== fault)
        log.error('authenticated emails kept: their file is unreadable', { cause })
      fault = cause
    }
  }

  const timer = setInterval(look, pollMs).unref()
  return {
    has: (email) => emails.has(foldCase(email)),
    close: () => clearInterval(timer),
  }
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    throw unreadable(path, error)
  }
}

function parseFile(path: string, text: string): ReadonlySet<string> {
  try {
    return parseEmails(text)
  } catch (error) {
    throw unreadable(path, error)
  }
}

function unreadable(path: string, cause: unknown): Error {
  return new Error(`authenticated_emails_file ${path} is unreadable`, { cause })
}

/** The first column, quoted or not; an open quote is an error, not a value to guess. */
export function parseEmails(csv: string): ReadonlySet<string> {
  const emails = new Set<string>()
  for (const [index, line] of csv.split(/\r?\n/).entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const [, quoted, plain] = /^(?:"((?:[^"]|"")*)"\s*(?:,.*)?|([^",]*)(?:,.*)?)$/.exec(text) ?? []
    const column = quoted?.replaceAll('""', '"') ?? plain
    if (column === undefined) throw new Error(`line ${index + 1} is no CSV`)
    const email = foldCase(column.trim())
    if (email !== '') emails.add(email)
  }
  return emails
}
