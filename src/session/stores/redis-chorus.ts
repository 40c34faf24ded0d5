import type { ChangeListener } from '../heard-changes.ts'

/** Makes one listener of several sources: everything is heard only while all of them are. */
export function createChorus(listener: ChangeListener) {
  /** Until when each is heard; 0 = it is not. */
  const voices = new Map<unknown, number>()
  const heardUntil = (): number => (voices.size === 0 ? 0 : Math.min(...voices.values()))

  function begin(): void {
    const until = heardUntil()
    if (until > 0) listener.began(until)
    else listener.lost()
  }

  return {
    join(voice: unknown): ChangeListener {
      voices.set(voice, 0)
      listener.lost()
      return {
        began(until) {
          if (!voices.has(voice)) return
          voices.set(voice, until)
          begin()
        },
        heard(until) {
          if (!voices.has(voice)) return
          voices.set(voice, until)
          const untilAll = heardUntil()
          if (untilAll > 0) listener.heard(untilAll)
        },
        lost() {
          if (!voices.has(voice)) return
          voices.set(voice, 0)
          listener.lost()
        },
        changed: (key) => {
          listener.changed(key)
        },
        changedAll: () => {
          listener.changedAll()
        },
      }
    },
    /** What it had told of may change unheard now, where it is kept or went to. */
    leave(voice: unknown): void {
      voices.delete(voice)
      listener.lost()
      begin()
    },
  }
}
