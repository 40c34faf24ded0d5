/** Values used lately, bounded by the bytes that they are said to take. */
export interface RecentCache<V> {
  get(key: string): V | undefined
  /** `bytes` is what key and value take in memory, roughly. */
  set(key: string, value: V, bytes: number): void
  delete(key: string): void
}

interface Generation<V> {
  readonly values: Map<string, V>
  bytes: number
}

/**
 * Two generations: what is used goes into the young one; when that has grown to half of
 * `limitBytes`, the old one is forgotten and the young one takes its place. A hit among the young
 * costs one look-up, which keeping everything in order of use would not.
 */
export function createRecentCache<V>(limitBytes: number): RecentCache<V> {
  let young: Generation<V> = { values: new Map(), bytes: 0 }
  let old: Generation<V> = { values: new Map(), bytes: 0 }

  function add(key: string, value: V, bytes: number): void {
    if (young.bytes + bytes > limitBytes / 2 && young.values.size > 0) {
      old = young
      young = { values: new Map(), bytes: 0 }
    }
    young.values.set(key, value)
    young.bytes += bytes
  }

  return {
    get(key) {
      const value = young.values.get(key)
      if (value !== undefined) return value
      const kept = old.values.get(key)
      if (kept === undefined) return undefined
      const bytes = old.bytes / old.values.size
      old.values.delete(key)
      old.bytes -= bytes
      add(key, kept, bytes)
      return kept
    },
    set(key, value, bytes) {
      old.values.delete(key)
      // Counted twice until the generation ends: the bound holds all the same.
      add(key, value, bytes)
    },
    delete(key) {
      young.values.delete(key)
      old.values.delete(key)
    },
  }
}
