// `authenticated_emails_file`: who may enter by name, read again whenever the file changes.
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import { watchFiles, type WatchedFiles } from '../lib/watched-files.ts'
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
 * addresses known before stay.
 */
export function createAuthenticatedEmails(deps: AuthenticatedEmailsDeps): AuthenticatedEmails {
  const { path, log, pollMs } = deps
  const file = readAtStart()

  function readAtStart(): WatchedFiles<ReadonlySet<string>> {
    try {
      return watchFiles({
        paths: [path],
        read: ([content]) => parseEmails(new TextDecoder('utf-8', { fatal: true }).decode(content)),
        onChange: ({ size }) => log.info('authenticated emails reloaded', { count: size }),
        onFault: (error) => {
          const cause = describeError(unreadable(path, error))
          log.error('authenticated emails kept: their file is unreadable', { cause })
        },
        ...(pollMs !== undefined && { pollMs }),
      })
    } catch (error) {
      throw unreadable(path, error)
    }
  }

  return { has: (email) => file.current().has(foldCase(email)), close: () => file.close() }
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
