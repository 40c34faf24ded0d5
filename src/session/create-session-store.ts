import { createCachedStore } from './cached-store.ts'
import { createHeardChanges } from './heard-changes.ts'
import { createRevocableStore } from './revocable-store.ts'
import { createRevocationList, type RevocationListOptions } from './revocation-list.ts'
import type { SessionStore } from './store.ts'
import { createCookieStore, type CookieStoreOptions } from './stores/cookie.ts'
import { createMemoryBackend } from './stores/memory.ts'
import { createRedisChanges } from './stores/redis-changes.ts'
import { openRedis, type RedisSecrets } from './stores/redis-client.ts'
import { createRedisConnection } from './stores/redis-connection.ts'
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

const cacheLimitBytes = 64 * 1024 * 1024
/** Changes of sessions that share one of these places end each other's copies; half a mebibyte. */
const changeSlots = 64 * 1024

/** Throws an Error for the operator when the options name no store that can be made. */
export function createSessionStore(
  options: SessionStoreOptions,
  deps: SessionStoreDeps,
): SessionStore {
  const { clock, log, cookieSecrets } = deps
  const cache = cacheDeps(options, deps)
  switch (options.session_store_type) {
    case 'cookie': {
      const store = createCookieStore(options, clock, cookieSecrets)
      return revocable(createCachedStore(store, { ...cache, blindMs: Infinity }), options, deps)
    }
    case 'memory': {
      const changes = createHeardChanges(changeSlots)
      changes.began(Infinity)
      const backend = createMemoryBackend(clock, { changed: changes.changed })
      const store = createTicketedStore(options, { backend, clock, log, cookieSecrets })
      const heard = { changes, maxAgeMs: Infinity, storeKeyOf: store.storeKeyOf }
      return createCachedStore(store, { ...cache, blindMs: 0, heard })
    }
    case 'redis':
      return createRedisStore(options, deps)
    default:
      throw new Error(`session_store_type ${options.session_store_type} is unknown`)
  }
}

function cacheDeps({ cookie_name }: SessionStoreOptions, deps: SessionStoreDeps) {
  const { clock, cookieSecrets } = deps
  return {
    cookieName: cookie_name,
    clock,
    limitBytes: cacheLimitBytes,
    ...(cookieSecrets && { cookieSecrets }),
  }
}

/** Sealed cookies can be ended only where a Redis beside them keeps a list of those that were. */
function revocable(
  cached: SessionStore,
  options: SessionStoreOptions,
  deps: SessionStoreDeps,
): SessionStore {
  const hasRedis =
    options.redis_connection_url !== '' || options.redis_use_sentinel || options.redis_use_cluster
  if (!hasRedis) return cached
  const connection = createRedisConnection(openRedis(options, deps.redisSecrets), options, deps)
  const backend = createRedisBackend(connection, deps)
  return createRevocableStore(cached, createRevocationList(options, { ...deps, backend }), backend)
}

function createRedisStore(options: SessionStoreOptions, deps: SessionStoreDeps): SessionStore {
  const { clock, log, cookieSecrets } = deps
  const { session_cache_time: maxAgeMs, session_store_grace: graceMs } = options
  const { session_cache_blind_time: silenceMs } = options
  const client = openRedis(options, deps.redisSecrets)
  const backend = createRedisBackend(createRedisConnection(client, options, deps), { log })
  const store = createTicketedStore(options, { backend, clock, log, cookieSecrets })
  const changes = createHeardChanges(changeSlots)
  const channel = createRedisChanges(client, {
    clock,
    log,
    listener: changes,
    prefix: `${options.cookie_name}-`,
    silenceMs,
  })
  const cached = createCachedStore(store, {
    ...cacheDeps(options, deps),
    blindMs: silenceMs,
    heard: { changes, maxAgeMs, storeKeyOf: store.storeKeyOf },
    ...(graceMs > 0 && { grace: { ms: graceMs, log } }),
  })
  return {
    ...cached,
    async close() {
      channel.close()
      await cached.close()
    },
  }
}
