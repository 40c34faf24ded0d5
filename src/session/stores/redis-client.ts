import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { DirectConnector, retryDelayMs } from './redis-connectors.ts'
import { createMasterConnector } from './redis-sentinels.ts'
import { parseRedisServer, type RedisServer, type RedisStoreOptions } from './redis-server.ts'

const connectTimeoutMs = 5_000
const slotsRefreshMs = 5_000
const redirectDelayMs = 50

export type RedisClient = Redis | Cluster

/**
 * Opened at once, and again whenever it is lost; nobody waits for it. While it is away every command
 * fails without delay, so that requests do not pile up.
 */
export function openRedis(options: RedisStoreOptions): RedisClient {
  const server = parseRedisServer(options)
  const connection = connectionOptions(options)
  switch (server.kind) {
    case 'single':
      return new Redis({ ...connection, ...server.access, ...server.address, db: server.db })
    case 'sentinel':
      return new Redis({ ...connection, ...server.access, ...sentinelOptions(server, options) })
    case 'cluster':
      return openCluster(server, options)
  }
}

function connectionOptions(options: RedisStoreOptions) {
  return {
    // RESP2: also what stands between (proxies, older servers) speaks it.
    protocol: 2,
    commandTimeout: options.store_timeout,
    // A server that hangs: its connection is dropped, and with it what waits for its answers.
    socketTimeout: 2 * options.store_timeout,
    connectTimeout: connectTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // What a connection listened to is asked for anew, in its own order.
    autoResubscribe: false,
    // INFO is not for every user, and a server that still loads says so itself.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: retryDelayMs,
    Connector: DirectConnector,
    // After a failover the name leads to the new primary.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

function sentinelOptions(
  server: Extract<RedisServer, { kind: 'sentinel' }>,
  options: RedisStoreOptions,
) {
  const { sentinels: addresses, masterName, sentinelAccess, db } = server
  const connection = { ...connectionOptions(options), ...sentinelAccess }
  return {
    db,
    Connector: createMasterConnector({ addresses, masterName, connection }),
    // By INFO: a Sentinel may still name the master that was.
    enableReadyCheck: true,
  } satisfies RedisOptions
}

function openCluster(
  server: Extract<RedisServer, { kind: 'cluster' }>,
  options: RedisStoreOptions,
): Cluster {
  return new Cluster([...server.nodes], {
    redisOptions: { ...connectionOptions(options), ...server.access },
    enableOfflineQueue: false,
    enableReadyCheck: false,
    clusterRetryStrategy: retryDelayMs,
    slotsRefreshTimeout: options.store_timeout,
    slotsRefreshInterval: slotsRefreshMs,
    // Half a second for a failover or a slot on its way, then the request is told to come again.
    maxRedirections: 10,
    retryDelayOnFailover: redirectDelayMs,
    retryDelayOnClusterDown: redirectDelayMs,
    retryDelayOnTryAgain: redirectDelayMs,
    // Certificates are made out to names.
    dnsLookup: (address, found) => {
      found(null, address)
    },
  })
}
