/** 32 bits of FNV-1a: cheap, and a text that is taken for another one costs nothing but memory. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  }
  return hash | 0
}

/**
 * Tells whether a text was asked about before, and remembers it; of two in one of the `slots` (a
 * power of two) only the later. Takes 4 bytes a slot, whatever comes.
 */
export function createSeenBefore(slots: number): (text: string) => boolean {
  const hashes = new Int32Array(slots)
  return (text) => {
    const hash = hashOf(text)
    const slot = (hash ^ (hash >>> 16)) & (slots - 1)
    if (hashes[slot] === hash) return true
    hashes[slot] = hash
    return false
  }
}
