import { write } from 'node:fs'

/** Where log lines go. Never throws and never waits: a log that cannot be written is lost. */
export interface LineWriter {
  /** One whole line with its newline. */
  write(line: string): void
  /** Resolves when every line accepted so far is written or given up; call it before exiting. */
  drained(): Promise<void>
}

const retryMs = 100
/** A batch holds the lines of this long: each wakes a thread, however short it is. */
const gatherMs = 20
const firstBytes = 64 * 1024
/** UTF-8 takes at most so many bytes for a UTF-16 code unit. */
const bytesPerUnit = 3

/**
 * Writes to a file descriptor off the event loop, in batches. While the reader stalls, at most
 * `limitBytes` wait in memory and further lines are dropped; after an error (disk full, reader
 * gone) the batch is dropped and the next line tries again (SEC-52).
 */
export function createLineWriter(fd: number, limitBytes = 4 * 1024 * 1024): LineWriter {
  // Lines become bytes at once: gathered as strings they would be copied by each garbage collection.
  let waiting: Buffer = Buffer.allocUnsafe(firstBytes)
  let spare: Buffer = Buffer.allocUnsafe(firstBytes)
  let length = 0
  let isWriting = false
  let whenIdle: (() => void)[] = []

  function writeNext(): void {
    isWriting = length > 0
    if (isWriting) {
      const batch = waiting.subarray(0, length)
      ;[waiting, spare] = [spare, waiting]
      length = 0
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
      else setTimeout(writeNext, gatherMs)
    })
  }

  return {
    write(line) {
      if (length + line.length > limitBytes) return
      const room = length + line.length * bytesPerUnit
      if (room > waiting.length) {
        const doubled = Math.min(2 * waiting.length, limitBytes)
        waiting = grown(waiting, length, Math.max(room, doubled))
      }
      const end = length + waiting.write(line, length)
      if (end > limitBytes) return
      length = end
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

function grown(buffer: Buffer, length: number, bytes: number): Buffer {
  const larger = Buffer.allocUnsafe(bytes)
  buffer.copy(larger, 0, 0, length)
  return larger
}
