// A card as bytes: JSON in UTF-8, with a few of a session's fields and the key it is stored under.
import type { SessionCard } from './directory.ts'
import type { Session } from '../core/session.ts'

export interface StoredCard extends SessionCard {
  readonly storeKey: string
}

export function encodeCard(session: Session, storeKey: string): Buffer {
  const { id, identity, providerSid, browser, createdAt, expiresAt } = session
  const { user, email, preferredUsername } = identity
  const whose = { id, user, email, preferredUsername, providerSid }
  const card: StoredCard = { ...whose, browser, createdAt, expiresAt, storeKey }
  return Buffer.from(JSON.stringify(card))
}

/** What only we can have sealed has the shape that we gave it; undefined for that of other days. */
export function decodeCard(bytes: Buffer): StoredCard | undefined {
  const card: unknown = JSON.parse(bytes.toString('utf8'))
  return isCard(card) ? card : undefined
}

function isCard(value: unknown): value is StoredCard {
  if (typeof value !== 'object' || value === null) return false
  const fields = ['id', 'user', 'email', 'preferredUsername', 'providerSid', 'storeKey']
  const card = value as Readonly<Record<string, unknown>>
  const { browser, createdAt, expiresAt } = card
  return (
    fields.every((field) => typeof card[field] === 'string') &&
    typeof browser === 'object' &&
    browser !== null &&
    typeof createdAt === 'number' &&
    typeof expiresAt === 'number'
  )
}
