import { createCachedStore } from './cached-store.ts'
import { changeSlots, createHeardChanges } from './heard-changes.ts'
import type { SessionStoreDeps, SessionStoreOptions } from './session-store-options.ts'
import type { SessionStore } from './store.ts'
import { createCookieStore } from './stores/cookie.ts'
import { createMemoryBackend } from './stores/memory.ts'
import { createTicketedStore } from './stores/ticketed.ts'

/** Rejects with an Error for the operator when the options name no store that can be made. */
export async function createSessionStore(
  options: SessionStoreOptions,
  deps: SessionStoreDeps,
): Promise<SessionStore> {
  const { clock, log, cookieSecrets } = deps
  const cache = cacheDeps(options, deps)
  switch (options.session_store_type) {
    case 'cookie': {
      const store = createCookieStore(options, clock, cookieSecrets)
      const cached = createCachedStore(store, { ...cache, blindMs: Infinity })
      if (!hasRedis(options)) return cached
      const { createRevocableCookies } = await loadRedis()
      return createRevocableCookies(cached, options, deps)
    }
    case 'memory': {
      const changes = createHeardChanges(changeSlots)
      changes.began(Infinity)
      const backend = createMemoryBackend(clock, { changed: changes.changed })
      const store = createTicketedStore(options, { backend, clock, log, cookieSecrets })
      const heard = { changes, maxAgeMs: Infinity, storeKeyOf: store.storeKeyOf }
      return createCachedStore(store, { ...cache, blindMs: 0, heard })
    }
    case 'redis': {
      const { createRedisStore } = await loadRedis()
      return createRedisStore(options, deps, cache)
    }
    default:
      throw new Error(`session_store_type ${options.session_store_type} is unknown`)
  }
}

function cacheDeps(options: SessionStoreOptions, deps: SessionStoreDeps) {
  const { clock, cookieSecrets } = deps
  return {
    cookieName: options.cookie_name,
    clock,
    limitBytes: options.session_cache_size * 1024 * 1024,
    ...(cookieSecrets && { cookieSecrets }),
  }
}

function hasRedis(options: SessionStoreOptions): boolean {
  const { redis_connection_url, redis_use_sentinel, redis_use_cluster } = options
  return redis_connection_url !== '' || redis_use_sentinel || redis_use_cluster
}

/** Loaded late: who has no Redis does without 60 modules and 6 MiB. */
function loadRedis() {
  return import('./redis-stores.ts')
}
