/**
 * What is made of a value that seldom changes: made now, and again when `source` gives another one
 * (by identity). So readers of the result can tell a change in the same way.
 */
export function derived<T, U>(source: () => T, make: (value: T) => U): () => U {
  let from = source()
  let made = make(from)
  return () => {
    const value = source()
    if (value !== from) {
      made = make(value)
      from = value
    }
    return made
  }
}
