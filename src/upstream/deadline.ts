/** Bounds a wait that is interrupted by waits for someone else. */
export interface Deadline {
  /** (Re)starts the wait. */
  start(): void
  stop(): void
  /** For good: later starts do nothing. */
  cancel(): void
}

export function createDeadline(ms: number, onTimeout: () => void): Deadline {
  let timer: NodeJS.Timeout | undefined
  let isCancelled = false

  function stop(): void {
    clearTimeout(timer)
  }

  return {
    stop,
    start() {
      stop()
      if (!isCancelled) timer = setTimeout(onTimeout, ms)
    },
    cancel() {
      stop()
      isCancelled = true
    },
  }
}
