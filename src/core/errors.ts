/** What could not be reached. The one error type that steps and use cases tell apart. */
export type Dependency = 'store' | 'provider'

/**
 * A dependency that did not answer in time or answered with a fault of its own. Never a refusal:
 * sessions and cookies stay, the request gets 503, and the next one tries again.
 * `message` is for the log and holds no secret.
 */
export class Unavailable extends Error {
  readonly dependency: Dependency
  /** Milliseconds after which it wants to be asked again, by its own word. */
  readonly retryAfterMs: number | undefined
  /** The provider answers, but not to our client id and secret: an operator has to act. */
  readonly isClientRejected: boolean

  constructor(dependency: Dependency, message: string, options: OutageOptions = {}) {
    super(message, options)
    this.name = 'Unavailable'
    this.dependency = dependency
    this.retryAfterMs = options.retryAfterMs
    this.isClientRejected = options.isClientRejected ?? false
  }
}

interface OutageOptions extends ErrorOptions {
  readonly retryAfterMs?: number | undefined
  readonly isClientRejected?: boolean
}

/** One line that names an unknown error and its causes, without stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message === '' ? error.name : error.message
  return error.cause === undefined ? own : `${own}: ${describeError(error.cause)}`
}
