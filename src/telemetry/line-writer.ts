import { write } from 'node:fs'

/** Where log lines go. Never throws and never waits: a log that cannot be written is lost. */
export interface LineWriter {
  /** One whole line with its newline. */
  write(line: string): void
  /** Resolves when every line accepted so far is written or given up; call it before exiting. */
  drained(): Promise<void>
}

const retryMs = 100
/** A batch holds the lines of this long: each costs a thread's turn, however short it is. */
const gatherMs = 5

/**
 * Writes to a file descriptor off the event loop, in batches. While the reader stalls, at most
 * `limitChars` wait in memory and further lines are dropped; after an error (disk full, reader
 * gone) the batch is dropped and the next line tries again (SEC-52).
 */
export function createLineWriter(fd: number, limitChars = 4 * 1024 * 1024): LineWriter {
  let waiting = ''
  let isWriting = false
  let whenIdle: (() => void)[] = []

  function writeNext(): void {
    isWriting = waiting !== ''
    if (isWriting) {
      const batch = Buffer.from(waiting)
      waiting = ''
      writeFrom(batch, 0)
    } else {
      for (const resolve of whenIdle) resolve()
      whenIdle = []
    }
  }

  function writeFrom(batch: Buffer, offset: number): void {
    write(fd, batch, offset, (error, written) => {
      if (error?.code === 'EAGAIN') setTimeout(writeFrom, retryMs, batch, offset).unref()
      else if (!error && offset + written < batch.length) writeFrom(batch, offset + written)
      else writeNext()
    })
  }

  return {
    write(line) {
      if (waiting.length + line.length > limitChars) return
      waiting += line
      if (isWriting) return
      isWriting = true
      setTimeout(writeNext, gatherMs)
    },
    drained() {
      return new Promise((resolve) => {
        if (isWriting) whenIdle.push(resolve)
        else resolve()
      })
    },
  }
}
