/** What could not be reached. The one error type that steps and use cases tell apart. */
export type Dependency = 'store' | 'provider'

/**
 * A dependency that did not answer in time or answered with a fault of its own. Never a refusal:
 * sessions and cookies stay, the request gets 503, and the next one tries again.
 * `message` is for the log and holds no secret.
 */
export class Unavailable extends Error {
  readonly dependency: Dependency

  constructor(dependency: Dependency, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Unavailable'
    this.dependency = dependency
  }
}

/** One line that names an unknown error and its causes, without stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message === '' ? error.name : error.message
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`
}
