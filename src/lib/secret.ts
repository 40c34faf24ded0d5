import { inspect } from 'node:util'
import { derived } from './derived.ts'

/** A value that never prints itself: not in logs, errors, JSON, template strings or inspect(). */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself; call it only where it is used. */
  reveal(): string {
    return this.#value
  }

  toString(): string {
    return '[secret]'
  }

  toJSON(): string {
    return '[secret]'
  }

  [inspect.custom](): string {
    return '[secret]'
  }
}

/** The values, as one list for each list of secrets, so that a reader can tell when they change. */
export function revealAll(secrets: () => readonly Secret[]): () => readonly string[] {
  return derived(secrets, (list) => list.map((secret) => secret.reveal()))
}
