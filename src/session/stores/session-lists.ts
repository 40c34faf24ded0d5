/**
 * Lists of session ids under keys, of which each member has an end: all that a place must be able to
 * do so that sessions are found by whose they are. Every method throws `Unavailable('store')` when
 * the place did not answer, and is about one key.
 */
export interface SessionLists {
  /**
   * Adds an id that leaves by itself at `endsAt`, and makes room beyond `limit`. Times are milliseconds since the epoch, of the caller's clock.
   */
  add(key: string, id: string, times: ListTimes, limit: number): Promise<Added>
  remove(key: string, id: string): Promise<void>
  read(key: string, now: number): Promise<readonly string[]>
}

export interface Added {
  /** False when the id was in the list already. */
  readonly isNew: boolean
  /** Ids that made room, those that end first. */
  readonly out: readonly string[]
}

export interface ListTimes {
  readonly now: number
  readonly endsAt: number
}
