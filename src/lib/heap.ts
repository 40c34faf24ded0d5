// What V8 keeps and what it does not. It is made for programs that want speed for memory: after a
// full collection it lets the heap grow two- to fourfold before the next one, and it keeps the pages
// that a collection frees for itself, so that a process stays as large as it ever was.
import { executionAsyncResource } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** Of what survived the last full collection. Young objects, so nearly all, are no part of it. */
const growingPercent = 20

/** From now on a full collection comes before the heap has grown by more than a fifth. */
export function boundHeapGrowth(): void {
  setFlagsFromString(`--heap-growing-percent=${growingPercent}`)
}

const keptTicks: object[] = []

/**
 * Keeps one of the objects that `process.nextTick` makes. With the last of its kind, which a
 * collection in a quiet minute finds unused, V8 forgets what it has learnt of them, and from then on
 * each takes half a microsecond more to make; a request takes several.
 */
export function keepTick(): void {
  process.nextTick(() => keptTicks.push(executionAsyncResource()))
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
