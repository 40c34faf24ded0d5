// Finds sessions by whose they are, in a place that must not learn it: lists have keyed hashes for
// names, and what is told of a session is sealed with a key of its own (docs/decisions/0013).
import { createHmac } from 'node:crypto'
import type { SessionCard, SessionDirectory, SessionSelector } from './directory.ts'
import { remainingMs } from './lifetime.ts'
import { createOnce } from './once.ts'
import { decodeCard, encodeCard, type StoredCard } from './session-card.ts'
import type { SessionBackend } from './stores/backend.ts'
import type { Session } from '../core/session.ts'
import type { Clock } from '../lib/clock.ts'
import { derived } from '../lib/derived.ts'
import { createSealer, deriveKey } from '../lib/sealer.ts'
import { revealAll, type Secret } from '../lib/secret.ts'

export interface SessionIndexOptions {
  readonly cookie_name: string
  /** The first seals and names, all open and find. */
  readonly cookie_secret: readonly Secret[]
}

type Whose = Pick<Session, 'id' | 'identity' | 'providerSid'>

/** What the store tells of the sessions that it keeps. */
export interface SessionIndex extends SessionDirectory {
  /** After the session is stored: without it the session could not be found and ended. */
  add(session: Session, storeKey: string): Promise<void>
  remove(session: Whose): Promise<void>
}

/** Sessions of one person or provider session; the ones that end first make room for more. */
const listLimit = 1_000
/** All sessions, in parts that a cluster spreads over its nodes. */
const shards = 16
const shardLimit = 100_000
/** For a session without an end. */
const endlessMs = 10 * 365 * 24 * 3_600_000
/** Sessions that are looked at together. */
const batchSize = 200

export function createSessionIndex(
  { cookie_name: cookieName, cookie_secret }: SessionIndexOptions,
  {
    backend,
    clock,
    cookieSecrets = () => cookie_secret,
  }: {
    readonly backend: SessionBackend
    readonly clock: Clock
    /** In place of the option's, where they may change. */
    readonly cookieSecrets?: (() => readonly Secret[]) | undefined
  },
): SessionIndex {
  const secrets = revealAll(cookieSecrets)
  const sealer = createSealer(secrets, 'session-card')
  const nameKeys = derived(secrets, (list) =>
    list.map((secret) => deriveKey(secret, 'session-list')),
  )
  const { lists } = backend

  const cardKey = (id: string): string => `${cookieName}-card-${id}`

  /** One key for each secret, that of the first one first. */
  function listKeys(
    kind: 'user' | 'email' | 'sid' | 'all' | 'once',
    value: string,
  ): readonly [string, ...string[]] {
    const [first = '', ...others] = nameKeys().map((key) => {
      const hash = createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex')
      return `${cookieName}-list-${hash}`
    })
    return [first, ...others]
  }

  /** Every list that a session is in, and how many that one holds. */
  function listsOf({ id, identity: { user, email }, providerSid }: Whose) {
    const all = [
      { keys: listKeys('user', user), limit: listLimit, isNamed: user !== '' },
      { keys: listKeys('email', fold(email)), limit: listLimit, isNamed: email !== '' },
      { keys: listKeys('sid', providerSid), limit: listLimit, isNamed: providerSid !== '' },
      { keys: listKeys('all', shardOf(id)), limit: shardLimit, isNamed: true },
    ]
    return all.filter(({ isNamed }) => isNamed)
  }

  async function readCard(id: string): Promise<StoredCard | undefined> {
    const value = await backend.get(cardKey(id))
    const bytes = value && sealer.open(Buffer.from(value).toString('latin1'), cardKey(id))
    const card = bytes && decodeCard(bytes)
    return card && (await backend.has(card.storeKey)) ? card : undefined
  }

  async function idsIn(keys: readonly string[]): Promise<readonly string[]> {
    const found = await Promise.all(keys.map((key) => lists.read(key, clock.now())))
    return [...new Set(found.flat())]
  }

  function select(selector: SessionSelector): Promise<readonly string[]> {
    switch (selector.by) {
      case 'id':
        return Promise.resolve([selector.id])
      case 'sub':
        return idsIn(listKeys('user', selector.sub))
      case 'user':
        return idsIn([
          ...listKeys('user', selector.user),
          ...listKeys('email', fold(selector.user)),
        ])
      case 'sid':
        return idsIn([...listKeys('sid', selector.sid), ...listKeys('user', selector.sub ?? '')])
      case 'all':
        return idsIn(Array.from({ length: shards }, (_, shard) => `${shard}`).flatMap(keysOfShard))
    }
  }
  const keysOfShard = (shard: string) => listKeys('all', shard)

  async function find(selector: SessionSelector): Promise<readonly StoredCard[]> {
    const ids = await select(selector)
    const cards: StoredCard[] = []
    for (let start = 0; start < ids.length; start += batchSize) {
      const batch = await Promise.all(ids.slice(start, start + batchSize).map(readCard))
      cards.push(...batch.filter((card) => card !== undefined))
    }
    const meant = cards.filter((card) => isMeant(selector, card))
    return meant.sort((a, b) => b.createdAt - a.createdAt)
  }

  async function remove(session: Whose): Promise<void> {
    const names = listsOf(session).flatMap(({ keys }) => keys)
    await Promise.all(names.map((key) => lists.remove(key, session.id)))
    await backend.delete(cardKey(session.id))
  }

  async function end(card: StoredCard): Promise<void> {
    await backend.delete(card.storeKey)
    const { user, email, preferredUsername } = card
    await remove({ ...card, identity: { user, email, preferredUsername, groups: [] } })
  }

  return {
    async add(session, storeKey) {
      const now = clock.now()
      const value = sealer.seal(encodeCard(session, storeKey), cardKey(session.id))
      await backend.set(cardKey(session.id), Buffer.from(value), remainingMs(session, now))
      const endsAt = session.expiresAt || session.createdAt + endlessMs
      const added = await Promise.all(
        listsOf(session).map(({ keys: [key], limit }) =>
          lists.add(key, session.id, { now, endsAt }, limit),
        ),
      )
      // What cannot be found any more could not be ended either.
      for (const id of new Set(added.flatMap(({ out }) => out))) {
        const card = await readCard(id)
        if (card) await end(card)
      }
    },
    remove,
    async list(selector) {
      return (await find(selector)).map(toCard)
    },
    async revoke(selector) {
      const cards = await find(selector)
      for (let start = 0; start < cards.length; start += batchSize) {
        await Promise.all(cards.slice(start, start + batchSize).map(end))
      }
      return cards.map(toCard)
    },
    once: createOnce(lists, () => listKeys('once', '')[0], clock),
  }
}

/** The list of a person holds more than those that have no `sid`. */
function isMeant(selector: SessionSelector, { providerSid }: SessionCard): boolean {
  return selector.by !== 'sid' || providerSid === '' || providerSid === selector.sid
}

function toCard({ storeKey: _storeKey, ...card }: StoredCard): SessionCard {
  return card
}

/** E-mail addresses are found however they are written. */
function fold(email: string): string {
  return email.toLowerCase()
}

function shardOf(id: string): string {
  let sum = 0
  for (const character of id) sum = (sum * 31 + character.charCodeAt(0)) % shards
  return String(sum)
}
