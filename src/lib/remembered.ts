import { ownCopy } from './bytes.ts'

/**
 * A pure function that keeps its results for texts that come again and again. A flood of new ones
 * must not grow the memory: at `limit` it forgets them all.
 */
export function remembered<T>(compute: (text: string) => T, limit: number): (text: string) => T {
  const results = new Map<string, T>()
  return (text) => {
    const known = results.get(text)
    if (known !== undefined) return known
    const result = compute(text)
    if (results.size >= limit) results.clear()
    // The text may be a part of a longer one, which would stay in memory with it.
    results.set(ownCopy(text), result)
    return result
  }
}
