import type { SessionLists } from './stores/session-lists.ts'
import type { Clock } from '../lib/clock.ts'

/** As `Revocations.once`. */
export type Once = <T>(
  name: string,
  keepMs: number,
  run: () => Promise<T>,
) => Promise<T | undefined>

/** More than happen within the time that they are remembered. */
const limit = 100_000

/** Remembers names in the list that `keyOf` names now. */
export function createOnce(lists: SessionLists, keyOf: () => string, clock: Clock): Once {
  return async (name, keepMs, run) => {
    const now = clock.now()
    const key = keyOf()
    const { isNew } = await lists.add(key, name, { now, endsAt: now + keepMs }, limit)
    if (!isNew) return undefined
    try {
      return await run()
    } catch (error) {
      await lists.remove(key, name)
      throw error
    }
  }
}
