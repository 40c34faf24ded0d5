// Redis tells of changed keys by client-side caching in broadcast mode
// (https://redis.io/docs/latest/develop/reference/client-side-caching, docs/decisions/0009).
import { Cluster, type Redis } from 'ioredis'
import type { RedisClient } from './redis-client.ts'
import { retryDelayMs } from './redis-connectors.ts'
import { createChorus } from './redis-chorus.ts'
import { listenToRedis, type RedisListenerDeps } from './redis-listener.ts'

/** Listens on connections of its own to every server that `client` uses. */
export function createRedisChanges(
  client: RedisClient,
  deps: RedisListenerDeps,
): { close(): void } {
  return client instanceof Cluster ? listenToCluster(client, deps) : listenBeside(client, deps)
}

/**
 * After a failover the name leads to another server: when `client` has to connect anew so does the
 * listener, or it would go on with a server that is not asked any more.
 */
function listenBeside(client: Redis, deps: RedisListenerDeps): { close(): void } {
  const redis = client.duplicate()
  let isOutdated = false
  const follow = () => {
    // Not in the middle of a handshake: what a broken one says then, nobody listens to.
    isOutdated = redis.status !== 'ready'
    if (!isOutdated) redis.disconnect(true)
  }
  client.on('close', follow)
  redis.on('ready', () => {
    if (isOutdated) redis.disconnect(true)
    isOutdated = false
  })
  const listening = listenToRedis(redis, deps)
  return {
    close() {
      client.off('close', follow)
      listening.close()
    },
  }
}

/** Nodes are listened to before `client` asks them anything: it says so when it finds a new one. */
function listenToCluster(client: Cluster, deps: RedisListenerDeps): { close(): void } {
  const chorus = createChorus(deps.listener)
  const voices = new Map<Redis, { close(): void }>()

  function add(node: Redis): void {
    const redis = node.duplicate({
      lazyConnect: false,
      enableOfflineQueue: false,
      readOnly: false,
      retryStrategy: retryDelayMs,
    })
    voices.set(node, listenToRedis(redis, { ...deps, listener: chorus.join(node) }))
  }

  function remove(node: Redis): void {
    voices.get(node)?.close()
    voices.delete(node)
    chorus.leave(node)
  }

  for (const node of client.nodes()) add(node)
  client.on('+node', add)
  client.on('-node', remove)
  return {
    close() {
      client.off('+node', add)
      client.off('-node', remove)
      for (const node of voices.keys()) remove(node)
    },
  }
}
