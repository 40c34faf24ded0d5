// Marks that end sealed cookies, which no store keeps: whoever matches one is signed in no more.
import type { SessionSelector } from './directory.ts'
import type { Session } from '../core/session.ts'

/** Sessions of this name that began no later than `before` (milliseconds since the epoch). */
export interface Mark {
  readonly kind: 'id' | 'sub' | 'email' | 'sid' | 'nameless' | 'all'
  /** Empty for `all`. */
  readonly name: string
  readonly before: number
}

export interface MarkSet {
  add(mark: Mark, endsAt: number): void
  /** Forgets marks that no session outlives. */
  prune(now: number): void
  matches(session: Session): boolean
}

/** What a selector means for sessions of today. */
export function marksOf(selector: SessionSelector, before: number): readonly Mark[] {
  switch (selector.by) {
    case 'id':
      return [{ kind: 'id', name: selector.id, before }]
    case 'sub':
      return [{ kind: 'sub', name: selector.sub, before }]
    case 'user':
      return [
        { kind: 'sub', name: selector.user, before },
        { kind: 'email', name: selector.user.toLowerCase(), before },
      ]
    case 'sid': {
      const { sid, sub = '' } = selector
      const mark: Mark = { kind: 'sid', name: sid, before }
      return sub === '' ? [mark] : [mark, { kind: 'nameless', name: sub, before }]
    }
    case 'all':
      return [{ kind: 'all', name: '', before }]
  }
}

export function createMarkSet(): MarkSet {
  const marks = new Map<string, { readonly before: number; readonly endsAt: number }>()
  const keyOf = (kind: Mark['kind'], name: string): string => `${kind}\0${name}`

  return {
    add({ kind, name, before }, endsAt) {
      const key = keyOf(kind, name)
      const known = marks.get(key)
      if (known && known.before >= before) return
      marks.set(key, { before, endsAt })
    },
    prune(now) {
      for (const [key, { endsAt }] of marks) if (endsAt <= now) marks.delete(key)
    },
    matches({ id, identity: { user, email }, providerSid, createdAt }) {
      if (marks.size === 0) return false
      const covers = (kind: Mark['kind'], name: string): boolean =>
        (marks.get(keyOf(kind, name))?.before ?? -Infinity) >= createdAt
      return (
        covers('all', '') ||
        covers('id', id) ||
        (user !== '' && covers('sub', user)) ||
        (email !== '' && covers('email', email.toLowerCase())) ||
        (providerSid === '' ? user !== '' && covers('nameless', user) : covers('sid', providerSid))
      )
    },
  }
}

export function encodeMark(mark: Mark): Buffer {
  return Buffer.from(JSON.stringify(mark))
}

/** Undefined for what is none. */
export function decodeMark(bytes: Buffer): Mark | undefined {
  const mark: unknown = JSON.parse(bytes.toString('utf8'))
  if (typeof mark !== 'object' || mark === null) return undefined
  const { kind, name, before } = mark as Readonly<Record<string, unknown>>
  const isKind = ['id', 'sub', 'email', 'sid', 'nameless', 'all'].includes(String(kind))
  if (!isKind || typeof name !== 'string' || typeof before !== 'number') return undefined
  return { kind: kind as Mark['kind'], name, before }
}
