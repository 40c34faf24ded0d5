/** A value that may be known already; then nobody waits for a turn of the event loop. */
export type Eventual<T> = T | Promise<T>

export function whenKnown<T, U>(value: Eventual<T>, use: (value: T) => Eventual<U>): Eventual<U> {
  return value instanceof Promise ? value.then(use) : use(value)
}
