export class DeadlinePassed extends Error {
  constructor() {
    super('no answer in time')
    this.name = 'DeadlinePassed'
  }
}

/** The promise's outcome, or `DeadlinePassed` after `ms` milliseconds, whatever becomes of it. */
export function withDeadline<T>(promise: Promise<T>, ms: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new DeadlinePassed())
    }, ms)
    void promise.then(resolve, reject).finally(() => {
      clearTimeout(timer)
    })
  })
}
