/** How a call failed: the other side answered (with a refusal), was silent, or went away. */
export type Failure = 'answered' | 'silent' | 'gone'

export interface CircuitBreakerOptions {
  /** So many calls in a row may find the other side silent before none is made for a while. */
  readonly silentLimit: number
  /** Milliseconds before a single call tries again. */
  readonly restMs: number
  readonly classify: (error: unknown) => Failure
}

/** No call was made. */
export class CircuitOpen extends Error {
  constructor() {
    super('given a rest, it was silent')
    this.name = 'CircuitOpen'
  }
}

/** Makes calls as long as they are answered; throws `CircuitOpen` at once while they are not. */
export function createCircuitBreaker({ silentLimit, restMs, classify }: CircuitBreakerOptions) {
  let state: 'closed' | 'open' | 'half-open' = 'closed'
  let silent = 0

  function close(): void {
    state = 'closed'
    silent = 0
  }

  function open(): void {
    state = 'open'
    setTimeout(() => {
      if (state === 'open') state = 'half-open'
    }, restMs).unref()
  }

  return async <T>(call: () => Promise<T>): Promise<T> => {
    if (state === 'open') throw new CircuitOpen()
    const isTrial = state === 'half-open'
    // Whoever comes while the one call is made waits for nothing.
    if (isTrial) state = 'open'
    try {
      const answer = await call()
      close()
      return answer
    } catch (error) {
      const failure = classify(error)
      if (failure === 'answered') close()
      if (failure === 'silent') silent += 1
      const hasTripped = state === 'closed' && silent >= silentLimit
      if (hasTripped || (isTrial && failure !== 'answered')) open()
      throw error
    }
  }
}
