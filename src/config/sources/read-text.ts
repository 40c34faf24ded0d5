import type { Fault } from '../kind.ts'

/** Returns the text of a file; throws what node:fs throws. */
export type ReadFile = (path: string) => string

export type FileText =
  { readonly ok: true; readonly value: string } | { readonly ok: false; readonly fault: Fault }

export function readText(path: string, readFile: ReadFile): FileText {
  try {
    return { ok: true, value: readFile(path) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    const problem = code === 'ENOENT' ? 'does not exist' : `cannot be read (${String(code)})`
    return { ok: false, fault: { problem, fix: 'check the path and its permissions' } }
  }
}
