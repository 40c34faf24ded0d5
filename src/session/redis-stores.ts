// The stores that need a Redis: the only way to ioredis.
import { createCachedStore, type CachedStoreDeps } from './cached-store.ts'
import type { SessionStoreDeps, SessionStoreOptions } from './session-store-options.ts'
import { changeSlots, createHeardChanges } from './heard-changes.ts'
import { createRevocableStore } from './revocable-store.ts'
import { createRevocationList } from './revocation-list.ts'
import type { SessionStore } from './store.ts'
import { createRedisChanges } from './stores/redis-changes.ts'
import { openRedis } from './stores/redis-client.ts'
import { createRedisConnection } from './stores/redis-connection.ts'
import { createRedisBackend } from './stores/redis.ts'
import { createTicketedStore } from './stores/ticketed.ts'

/** Sealed cookies can be ended only where a Redis beside them keeps a list of those that were. */
export function createRevocableCookies(
  cached: SessionStore,
  options: SessionStoreOptions,
  deps: SessionStoreDeps,
): SessionStore {
  const connection = createRedisConnection(openRedis(options, deps.redisSecrets), options, deps)
  const backend = createRedisBackend(connection, deps)
  return createRevocableStore(cached, createRevocationList(options, { ...deps, backend }), backend)
}

export function createRedisStore(
  options: SessionStoreOptions,
  { clock, log, observe, cookieSecrets, redisSecrets }: SessionStoreDeps,
  cache: Omit<CachedStoreDeps, 'blindMs'>,
): SessionStore {
  const { session_cache_time: maxAgeMs, session_store_grace: graceMs } = options
  const { session_cache_blind_time: silenceMs } = options
  const client = openRedis(options, redisSecrets)
  const connection = createRedisConnection(client, options, { log, observe })
  const backend = createRedisBackend(connection, { log })
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
    ...cache,
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
