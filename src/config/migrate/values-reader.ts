/** A tree of values, as YAML holds it. */
export type Tree = Readonly<Record<string, unknown>>

export interface ValuesReader {
  /** The value at `ingress.hosts`; what was taken is understood. Undefined when it is not set. */
  take(path: string): unknown
  /** As `take`, a list of strings; a single string is a list of one. */
  takeTexts(path: string): readonly string[]
  /** As `take`, a text; undefined when it is empty or something else. */
  takeText(path: string): string | undefined
  /** Paths of what nobody took and is not off, the highest of each branch that nobody touched. */
  rest(): readonly string[]
}

/** Reads values and remembers what was read: what is left at the end was not understood. */
export function createValuesReader(values: Tree): ValuesReader {
  const taken = new Set<string>()

  function take(path: string): unknown {
    taken.add(path)
    return path
      .split('.')
      .reduce<unknown>((found, key) => (isTree(found) ? found[key] : undefined), values)
  }

  function restOf(tree: Tree, parent: string): readonly string[] {
    return Object.entries(tree).flatMap(([key, value]) => {
      const path = parent === '' ? key : `${parent}.${key}`
      if (taken.has(path) || isEmpty(value)) return []
      const isTouched = [...taken].some((other) => other.startsWith(`${path}.`))
      if (!isTree(value)) return [path]
      if (isTouched) return restOf(value, path)
      return value['enabled'] === false || value['create'] === false ? [] : [path]
    })
  }

  return {
    take,
    takeTexts(path) {
      const value = take(path)
      return (Array.isArray(value) ? value : [value]).filter((entry) => typeof entry === 'string')
    },
    takeText(path) {
      const value = take(path)
      return typeof value === 'string' && value !== '' ? value : undefined
    },
    rest: () => restOf(values, ''),
  }
}

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Nothing is lost when it is left out. */
export function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  if (Array.isArray(value)) return value.length === 0
  return isTree(value) && Object.values(value).every(isEmpty)
}
