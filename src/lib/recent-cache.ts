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
  /** How many had been set when it went to the end of the queue. */
  queuedAt: number
}

/**
 * A queue out of which the first are forgotten. What is used goes to its end again, but only after
 * so many new ones that a quarter of the queue is new (lazy promotion): nearly all hits are a look-up
 * and a comparison, and what nears the front has not been used for long.
 *
 * Algorithms that mark what is used and leave it in place (CLOCK, SIEVE) fail here: of people who
 * came for a while and went all are marked, and who is new is forgotten in their place.
 */
export function createRecentCache<V>(limitBytes: number): RecentCache<V> {
  const queue = new Map<string, Entry<V>>()
  // Goes on where it was: a new one would step over all the places that are empty now.
  let front = queue.keys()
  let count = 0
  let bytes = 0

  function remove(key: string): void {
    bytes -= queue.get(key)?.bytes ?? 0
    queue.delete(key)
  }

  function moveToEnd(key: string, entry: Entry<V>): void {
    queue.delete(key)
    entry.queuedAt = count
    queue.set(key, entry)
  }

  function makeRoomFor(more: number): void {
    while (queue.size > 0 && bytes + more > limitBytes) {
      const { done, value: key } = front.next()
      if (done === true) front = queue.keys()
      else remove(key)
    }
  }

  return {
    get(key) {
      const entry = queue.get(key)
      if (entry === undefined) return undefined
      if (count - entry.queuedAt > queue.size / 4) moveToEnd(key, entry)
      return entry.value
    },
    set(key, value, bytesOfEntry) {
      remove(key)
      makeRoomFor(bytesOfEntry)
      count += 1
      queue.set(key, { value, bytes: bytesOfEntry, queuedAt: count })
      bytes += bytesOfEntry
    },
    delete: remove,
  }
}
