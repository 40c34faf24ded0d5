// What V8 holds beyond what is in use. It is made for programs that want speed for memory: after a
// full collection it lets the heap grow two- to fourfold before the next one, and it keeps the pages
// that a collection frees for itself, so that a process stays as large as it ever was.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Of what survived the last full collection. Young objects, so nearly all, are no part of it. */
const growingPercent = 20

/** From now on a full collection comes before the heap has grown by more than a fifth. */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`)
}

/**
 * Collects in full and gives back to the system what is free then. Everything waits for it: some
 * 20 ms after a start, a millisecond for each MiB in use.
 */
export function trimHeap(): void {
  // Only a new context sees the function that the flag brings.
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as NodeJS.GCFunction
  setFlagsFromString('--no-expose-gc')
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}
