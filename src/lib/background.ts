/** Work that no answer waits for, but the end of the process does. */
export interface Background {
  /** Failures go to `onError`. */
  run(work: Promise<unknown>): void
  /** Resolves when all of it is done, what was begun in the meantime included. */
  settled(): Promise<void>
}

export function createBackground(onError: (error: unknown) => void): Background {
  const running = new Set<Promise<unknown>>()

  async function follow(work: Promise<unknown>): Promise<void> {
    try {
      await work
    } catch (error) {
      onError(error)
    } finally {
      running.delete(work)
    }
  }

  return {
    run(work) {
      running.add(work)
      void follow(work)
    },
    async settled() {
      while (running.size > 0) await Promise.allSettled(running)
    },
  }
}
