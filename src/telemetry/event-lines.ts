// Lines of which there is one for each request: too many for a logger's detours.
import type { LogFields } from '../core/events.ts'
import { systemClock } from '../lib/clock.ts'
import type { LineWriter } from './line-writer.ts'

/** At least one of the fields is there. */
export type WriteEvent = (event: string, fields: LogFields) => void

/** JSON lines with what those of `createLogger` have: `level`, `time`, `log`, `msg`, and the fields. */
export function createEventLines(
  stream: 'request' | 'audit',
  destination: Pick<LineWriter, 'write'>,
): WriteEvent {
  const isoTime = createIsoTime()
  return (event, fields) => {
    // One flat text of the fields: a line put together of many pieces costs more when it is written.
    const head = `{"level":"info","time":"${isoTime()}","log":"${stream}","msg":"${event}",`
    destination.write(`${head}${JSON.stringify(fields).slice(1)}\n`)
  }
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
