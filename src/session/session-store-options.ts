import type { RevocationListOptions } from './revocation-list.ts'
import type { CookieStoreOptions } from './stores/cookie.ts'
import type { RedisSecrets } from './stores/redis-client.ts'
import type { RedisStoreOptions } from './stores/redis-server.ts'
import type { TicketedStoreOptions } from './stores/ticketed.ts'
import type { Log, ObserveCall } from '../core/events.ts'
import type { Clock } from '../lib/clock.ts'
import type { Secret } from '../lib/secret.ts'

export interface SessionStoreOptions
  extends CookieStoreOptions, TicketedStoreOptions, RedisStoreOptions, RevocationListOptions {
  /** `cookie`, `redis` or `memory`. */
  readonly session_store_type: string
  /** MiB for opened sessions. */
  readonly session_cache_size: number
  /** Milliseconds that a session in Redis is used without asking again while changes are heard. */
  readonly session_cache_time: number
  /** The same while they are not. */
  readonly session_cache_blind_time: number
  /** How much longer a session may be used while Redis is away; 0 = not at all. */
  readonly session_store_grace: number
}

export interface SessionStoreDeps {
  readonly clock: Clock
  readonly log: Log
  /** Told of each command to the store. */
  readonly observe: ObserveCall
  /** In place of the option's, where they may change: the first seals, all open. */
  readonly cookieSecrets?: () => readonly Secret[]
  /** Likewise: each connection is made with what counts then. */
  readonly redisSecrets?: () => RedisSecrets
}
