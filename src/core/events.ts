/** How the domain speaks to the outside; `telemetry/` implements it, tests record it. */
export interface Log {
  debug(event: string, fields?: LogFields): void
  info(event: string, fields?: LogFields): void
  warn(event: string, fields?: LogFields): void
  error(event: string, fields?: LogFields): void
}

/** Plain values only: no objects that could drag a token or a request into a log line. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>

/** Told of each call to a dependency: what, whether it answered, and how long it took. */
export type ObserveCall = (operation: string, result: 'ok' | 'error', seconds: number) => void
