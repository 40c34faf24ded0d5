import { pino, stdTimeFunctions, type Logger } from 'pino'
import type { Log } from '../core/events.ts'
import type { LineWriter } from './line-writer.ts'

export interface LoggerOptions {
  /** `debug`, `info`, `warn`, `error`: the least severe event that is written. */
  readonly log_level: string
  readonly standard_logging: boolean
}

/** Which of our three streams a line belongs to: its `log` field. */
type LogStream = 'service' | 'request' | 'audit'

/** Lines are JSON with `level`, `time` (RFC 3339), `log`, the event as `msg`, and its fields. */
export function createLines(
  stream: LogStream,
  level: string,
  destination: Pick<LineWriter, 'write'>,
): Logger {
  return pino(
    {
      level,
      base: { log: stream },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
}

/** The service's own events. Request and audit lines have switches of their own. */
export function createLogger(options: LoggerOptions, destination: Pick<LineWriter, 'write'>): Log {
  const level = options.standard_logging ? options.log_level : 'silent'
  const lines = createLines('service', level, destination)
  return {
    debug: (event, fields) => lines.debug(fields, event),
    info: (event, fields) => lines.info(fields, event),
    warn: (event, fields) => lines.warn(fields, event),
    error: (event, fields) => lines.error(fields, event),
  }
}
