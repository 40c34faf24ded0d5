import { createCachedStore } from './cached-store.ts'
import { createRevocableStore } from './revocable-store.ts'
import { createRevocationList, type RevocationListOptions } from './revocation-list.ts'
import type { SessionStore } from './store.ts'
import { createCookieStore, type CookieStoreOptions } from './stores/cookie.ts'
import { createMemoryBackend } from './stores/memory.ts'
import type { RedisStoreOptions } from './stores/redis-server.ts'
import { createRedisBackend } from './stores/redis.ts'
import { createTicketedStore, type TicketedStoreOptions } from './stores/ticketed.ts'
import type { Log, ObserveCall } from '../core/events.ts'
import type { Clock } from '../lib/clock.ts'
import type { Secret } from '../lib/secret.ts'

export interface SessionStoreOptions
  extends CookieStoreOptions, TicketedStoreOptions, RedisStoreOptions, RevocationListOptions {
  /** `cookie`, `redis` or `memory`. */
  readonly session_store_type: string
}

export interface SessionStoreDeps {
  readonly clock: Clock
  readonly log: Log
  /** Told of each command to the store. */
  readonly observe: ObserveCall
  /** In place of the option's, where they may change: the first seals, all open. */
  readonly cookieSecrets?: () => readonly Secret[]
}

/** Within a second a sign-out works everywhere (SEC-30). */
const trustSharedMs = 900
const cacheLimitBytes = 64 * 1024 * 1024

/** Throws an Error for the operator when the options name no store that can be made. */
export function createSessionStore(
  options: SessionStoreOptions,
  deps: SessionStoreDeps,
): SessionStore {
  const isShared = options.session_store_type !== 'cookie'
  const cached = createCachedStore(createStore(options, deps), {
    cookieName: options.cookie_name,
    clock: deps.clock,
    trustMs: isShared ? trustSharedMs : Infinity,
    limitBytes: cacheLimitBytes,
    ...(deps.cookieSecrets && { cookieSecrets: deps.cookieSecrets }),
  })
  if (isShared || options.redis_connection_url === '') return cached
  const backend = createRedisBackend(options, deps)
  const list = createRevocationList(options, { ...deps, backend })
  return createRevocableStore(cached, list, backend)
}

function createStore(
  options: SessionStoreOptions,
  { clock, log, observe, cookieSecrets }: SessionStoreDeps,
): SessionStore {
  switch (options.session_store_type) {
    case 'cookie':
      return createCookieStore(options, clock, cookieSecrets)
    case 'memory': {
      const backend = createMemoryBackend(clock)
      return createTicketedStore(options, { backend, clock, log, cookieSecrets })
    }
    case 'redis': {
      const backend = createRedisBackend(options, { log, observe })
      return createTicketedStore(options, { backend, clock, log, cookieSecrets })
    }
    default:
      throw new Error(`session_store_type ${options.session_store_type} is unknown`)
  }
}
