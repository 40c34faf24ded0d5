// Files that change while we run: secrets, certificates, lists.
import { readFileSync } from 'node:fs'

export interface WatchedFilesDeps<T> {
  /** Files that count only together, such as a certificate and its key. */
  readonly paths: readonly string[]
  /** Makes one value of their contents, in this order; throws for what must not be used. */
  readonly read: (contents: readonly Buffer[]) => T
  readonly onChange: (value: T, previous: T) => void
  /** Told once of each reason why what was known stays. */
  readonly onFault: (error: unknown) => void
  /** How often the files are looked at. */
  readonly pollMs?: number
}

export interface WatchedFiles<T> {
  current(): T
  /** Stops looking at the files. */
  close(): void
}

/** A change counts once it was seen twice, so that nothing half written does. */
const settleMs = 500

/**
 * Throws when the files cannot be read or used now; later such a change is told and what was known
 * stays. Reads the files again and again: a mounted ConfigMap or Secret is swapped by a symlink two
 * levels up, where no watcher of the file looks.
 */
export function watchFiles<T>(deps: WatchedFilesDeps<T>): WatchedFiles<T> {
  const { paths, read, onChange, onFault, pollMs = 2000 } = deps
  const readAll = () => paths.map((path) => readFileSync(path))
  let known: readonly Buffer[] = readAll()
  let value = read(known)
  let seen = known
  let faultText = ''
  let timer: NodeJS.Timeout

  function take(found: readonly Buffer[]): void {
    const previous = value
    value = read(found)
    known = found
    onChange(value, previous)
  }

  /** Returns when to look again, in milliseconds. */
  function look(): number {
    try {
      const found = readAll()
      const isSettled = isSame(found, seen)
      seen = found
      if (!isSame(found, known)) {
        if (!isSettled) return Math.min(settleMs, pollMs)
        take(found)
      }
      faultText = ''
    } catch (error) {
      const text = String(error)
      if (text !== faultText) onFault(error)
      faultText = text
    }
    return pollMs
  }

  function lookAfter(ms: number): void {
    timer = setTimeout(() => lookAfter(look()), ms).unref()
  }

  lookAfter(pollMs)
  return { current: () => value, close: () => clearTimeout(timer) }
}

function isSame(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.every((content, index) => b[index]?.equals(content))
}
