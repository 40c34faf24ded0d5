// Lines of which there is one for each request: too many for a logger's detours.
import type { LogFields } from '../core/events.ts'
import { systemClock } from '../lib/clock.ts'
import type { LineWriter } from './line-writer.ts'

export type WriteEvent = (event: string, fields: LogFields) => void

/** JSON lines like those of `createLogger`: `level`, `time`, `log`, the fields, and `msg`. */
export function createEventLines(
  stream: 'request' | 'audit',
  destination: Pick<LineWriter, 'write'>,
): WriteEvent {
  const isoTime = createIsoTime()
  return (event, fields) => {
    let line = `{"level":"info","time":"${isoTime()}","log":"${stream}"`
    // Entries would be an array of arrays for each line.
    for (const name in fields) {
      const value = fields[name]
      if (value !== undefined) line += `,"${name}":${toJson(value)}`
    }
    destination.write(`${line},"msg":"${event}"}\n`)
  }
}

/** Printable ASCII without quotes and backslashes stands for itself. */
const plainText = /^[ !#-[\]-~]*$/

function toJson(value: string | number | boolean): string {
  return typeof value === 'string' && plainText.test(value) ? `"${value}"` : JSON.stringify(value)
}

/** RFC 3339 in UTC, made once a millisecond. */
function createIsoTime(): () => string {
  let latestMs = 0
  let text = ''
  return () => {
    const now = systemClock.now()
    if (now !== latestMs) {
      latestMs = now
      text = new Date(now).toISOString()
    }
    return text
  }
}
