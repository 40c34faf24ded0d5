import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { createDirectConnector, retryDelayMs, type Credentials } from './redis-connectors.ts'
import { createMasterConnector } from './redis-sentinels.ts'
import {
  parseRedisServer,
  redisCredentials,
  sentinelCredentials,
  type RedisServer,
  type RedisStoreOptions,
} from './redis-server.ts'

const connectTimeoutMs = 5_000
const slotsRefreshMs = 5_000
const redirectDelayMs = 50

export type RedisClient = Redis | Cluster

/** What of the options may change while we run: each connection is made with what counts then. */
export type RedisSecrets = Pick<
  RedisStoreOptions,
  'redis_password' | 'redis_sentinel_password' | 'redis_connection_url'
>

/**
 * Opened at once, and again whenever it is lost; nobody waits for it. While it is away every command
 * fails without delay, so that requests do not pile up.
 */
export function openRedis(
  options: RedisStoreOptions,
  secrets: () => RedisSecrets = () => options,
): RedisClient {
  const { tls, ...server } = parseRedisServer(options)
  const credentials = () => redisCredentials({ ...options, ...secrets() })
  const connection = { ...connectionOptions(options, credentials), ...(tls && { tls }) }
  switch (server.kind) {
    case 'single':
      return new Redis({ ...connection, ...server.address, db: server.db })
    case 'sentinel': {
      const { sentinels: addresses, masterName, db } = server
      const Connector = createDirectConnector(() =>
        sentinelCredentials({ ...options, ...secrets() }),
      )
      const group = { addresses, masterName, connection: { ...connection, Connector } }
      return new Redis({
        ...connection,
        db,
        Connector: createMasterConnector(group, credentials),
        // By INFO: a Sentinel may still name the master that was.
        enableReadyCheck: true,
      })
    }
    case 'cluster':
      return openCluster(server.nodes, connection, options)
  }
}

function connectionOptions(
  options: Pick<RedisStoreOptions, 'store_timeout'>,
  credentials: () => Credentials,
) {
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
    Connector: createDirectConnector(credentials),
    // After a failover the name leads to the new primary.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

function openCluster(
  nodes: Extract<RedisServer, { kind: 'cluster' }>['nodes'],
  redisOptions: Omit<RedisOptions, 'replyMapping'>,
  options: Pick<RedisStoreOptions, 'store_timeout'>,
): Cluster {
  return new Cluster([...nodes], {
    redisOptions,
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
