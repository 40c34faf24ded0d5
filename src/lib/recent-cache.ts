/** Values used lately, bounded by the bytes that they are said to take. */
export interface RecentCache<V> {
  get(key: string): V | undefined
  /** `bytes` is what key and value take in memory, roughly. */
  set(key: string, value: V, bytes: number): void
  delete(key: string): void
}

interface Entry<V> {
  readonly value: V
  readonly bytes: number
  /** Since the hand came by. */
  isUsed: boolean
}

/**
 * SIEVE (Zhang et al., NSDI 2024): a hand goes through the entries from the oldest on, again and
 * again; to make room it forgets the next one that was not used since it last came by. A hit is
 * one look-up and a mark, which keeping everything in order of use would not be. What comes once is
 * forgotten before what is in use.
 */
export function createRecentCache<V>(limitBytes: number): RecentCache<V> {
  const entries = new Map<string, Entry<V>>()
  let hand = entries.entries()
  let bytes = 0

  function remove(key: string): void {
    bytes -= entries.get(key)?.bytes ?? 0
    entries.delete(key)
  }

  function makeRoomFor(more: number): void {
    while (entries.size > 0 && bytes + more > limitBytes) {
      const next = hand.next()
      if (next.done === true) {
        hand = entries.entries()
        continue
      }
      const [key, entry] = next.value
      if (entry.isUsed) entry.isUsed = false
      else remove(key)
    }
  }

  return {
    get(key) {
      const entry = entries.get(key)
      if (entry === undefined) return undefined
      entry.isUsed = true
      return entry.value
    },
    set(key, value, bytesOfEntry) {
      const isUsed = entries.has(key)
      remove(key)
      makeRoomFor(bytesOfEntry)
      entries.set(key, { value, bytes: bytesOfEntry, isUsed })
      bytes += bytesOfEntry
    },
    delete: remove,
  }
}
