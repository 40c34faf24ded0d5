import type { SessionLists } from './session-lists.ts'

/** Lists of one process. An empty list takes no place. */
export function createMemoryLists(): SessionLists {
  /** Ids with their ends. */
  const lists = new Map<string, Map<string, number>>()

  function drop(key: string, list: Map<string, number>, isOver: (endsAt: number) => boolean): void {
    for (const [id, endsAt] of list) if (isOver(endsAt)) list.delete(id)
    if (list.size === 0) lists.delete(key)
  }

  return {
    async add(key, id, { now, endsAt }, limit) {
      const list = lists.get(key) ?? new Map<string, number>()
      drop(key, list, (end) => end <= now)
      const isNew = !list.has(id)
      list.set(id, endsAt)
      lists.set(key, list)
      if (list.size <= limit) return { isNew, out: [] }
      const soonest = [...list].sort(([, a], [, b]) => a - b).slice(0, list.size - limit)
      for (const [first] of soonest) list.delete(first)
      return { isNew, out: soonest.map(([first]) => first) }
    },
    async remove(key, id) {
      const list = lists.get(key)
      if (!list) return
      list.delete(id)
      if (list.size === 0) lists.delete(key)
    },
    async read(key, now) {
      const list = lists.get(key)
      if (!list) return []
      drop(key, list, (end) => end <= now)
      return [...list.keys()]
    },
  }
}
