import type { SessionCard } from '../session/directory.ts'

/** A session as operators read it. Times are RFC 3339 in UTC. */
export interface SessionJson {
  readonly id: string
  readonly user: string
  readonly email: string
  readonly preferredUsername: string
  readonly providerSid: string
  readonly address: string
  readonly userAgent: string
  readonly signedInAt: string
  /** Null = no end of its own. */
  readonly endsAt: string | null
}

export function sessionJson(card: SessionCard): SessionJson {
  const { id, user, email, preferredUsername, providerSid, browser, createdAt, expiresAt } = card
  return {
    id,
    user,
    email,
    preferredUsername,
    providerSid,
    ...browser,
    signedInAt: new Date(createdAt).toISOString(),
    endsAt: expiresAt === 0 ? null : new Date(expiresAt).toISOString(),
  }
}
