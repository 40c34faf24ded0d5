import { hashOf } from './text-hash.ts'

/**
 * Tells whether a text was asked about before, and remembers it; of two in one of the `slots` (a
 * power of two) only the later. Takes 4 bytes a slot, whatever comes.
 */
export function createSeenBefore(slots: number): (text: string) => boolean {
  const hashes = new Int32Array(slots)
  return (text) => {
    const hash = hashOf(text)
    const slot = hash & (slots - 1)
    if (hashes[slot] === hash) return true
    hashes[slot] = hash
    return false
  }
}
