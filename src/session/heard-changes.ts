// What this process was told about changes of stored sessions, by whoever made them. A copy of a
// session is good as long as nothing was told of it, and everything there is to tell was heard.
import { hashOf } from '../lib/text-hash.ts'

/** What the cache asks. A mark is a moment between two changes; later ones are larger. */
export interface HeardChanges {
  /** Taken before a session is read: all that changes from then on counts. */
  mark(): number
  /** The place in which changes of this store key are noted; others may share it. */
  slotOf(storeKey: string): number
  /** Was no change noted there since the mark? */
  isUnchanged(slot: number, mark: number): boolean
  /** Clock milliseconds until which all changes since the mark are sure to be noted; 0 = none. */
  heardUntil(mark: number): number
}

/** What the channel to the store tells. */
export interface ChangeListener {
  /** From now on every change is told, at the latest by `until` (clock milliseconds). */
  began(until: number): void
  heard(until: number): void
  /** What changes now is not told, or may never be. */
  lost(): void
  changed(storeKey: string): void
  changedAll(): void
}

/** Sessions that share one of these places end each other's copies; half a mebibyte. */
export const changeSlots = 64 * 1024

/** Takes 8 bytes for each of `slots` (a power of two), however many sessions there are. */
export function createHeardChanges(slots: number): HeardChanges & ChangeListener {
  const lastChanges = new Float64Array(slots)
  let latest = 0
  let begunAt = Infinity
  let until = 0

  const slotOf = (storeKey: string): number => hashOf(storeKey) & (slots - 1)

  return {
    mark: () => latest,
    slotOf,
    isUnchanged: (slot, mark) => (lastChanges[slot] ?? Infinity) <= mark,
    heardUntil: (mark) => (mark >= begunAt ? until : 0),
    began(first) {
      latest += 1
      begunAt = latest
      until = first
    },
    heard(later) {
      until = later
    },
    lost() {
      begunAt = Infinity
      until = 0
    },
    changed(storeKey) {
      latest += 1
      lastChanges[slotOf(storeKey)] = latest
    },
    changedAll() {
      latest += 1
      lastChanges.fill(latest)
    },
  }
}
