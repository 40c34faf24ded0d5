import { pino, stdTimeFunctions } from 'pino'
import type { Log } from '../core/events.ts'
import type { LineWriter } from './line-writer.ts'

export interface LoggerOptions {
  /** `debug`, `info`, `warn`, `error`: the least severe event that is written. */
  readonly log_level: string
  readonly standard_logging: boolean
}

/**
 * The service's own events, as JSON lines: `level`, `time` (RFC 3339), `log`, the fields, and the
 * event as `msg`. Request and audit lines have switches and a writer of their own.
 */
export function createLogger(options: LoggerOptions, destination: Pick<LineWriter, 'write'>): Log {
  const level = options.standard_logging ? options.log_level : 'silent'
  const lines = pino(
    {
      level,
      base: { log: 'service' },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  )
  return {
    debug: (event, fields) => lines.debug(fields, event),
    info: (event, fields) => lines.info(fields, event),
    warn: (event, fields) => lines.warn(fields, event),
    error: (event, fields) => lines.error(fields, event),
  }
}
