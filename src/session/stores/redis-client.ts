import { Cluster, Redis, type RedisOptions } from 'ioredis'
import { DeadlinePassed } from '../../lib/deadline.ts'
import type { Failure } from '../../lib/circuit-breaker.ts'
import { DirectConnector, MasterConnector } from './redis-connectors.ts'
import { parseRedisServer, type RedisServer, type RedisStoreOptions } from './redis-server.ts'

/** ioredis gives a connector the options of its client. */
type ConnectorConstructor = NonNullable<RedisOptions['Connector']>

const connectTimeoutMs = 5_000
const maxRetryDelayMs = 1_000
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
    Connector: DirectConnector as ConnectorConstructor,
    // After a failover the name leads to the new primary.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  } satisfies RedisOptions
}

function sentinelOptions(
  server: Extract<RedisServer, { kind: 'sentinel' }>,
  options: RedisStoreOptions,
) {
  const { username, password, tls } = server.sentinelAccess
  return {
    sentinels: server.sentinels.map((address) => ({ ...address })),
    name: server.masterName,
    db: server.db,
    ...(username !== undefined && { sentinelUsername: username }),
    ...(password !== undefined && { sentinelPassword: password }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: options.store_timeout,
    sentinelRetryStrategy: retryDelayMs,
    Connector: MasterConnector as ConnectorConstructor,
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

/** Names a failure without what was sent: of the server's own errors only the code. */
export function describeRedisError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error.name === 'ReplyError') return error.message.split(' ', 1)[0] ?? ''
  // How ioredis puts that the connection broke before the answer came.
  if (error.name === 'MaxRetriesPerRequestError') return 'connection lost'
  // How it says that no node of a cluster could be asked.
  if ('lastNodeError' in error && error.lastNodeError)
    return describeRedisError(error.lastNodeError)
  if (error.message !== '') return error.message
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

export function classifyRedisError(error: unknown): Failure {
  if (!(error instanceof Error)) return 'gone'
  if (error.name === 'ReplyError') return 'answered'
  const isSilence = error instanceof DeadlinePassed || error.message === 'Command timed out'
  return isSilence ? 'silent' : 'gone'
}

/** Backs off from 100 ms to a second, with jitter so that replicas do not come back in step. */
export function retryDelayMs(attempt: number): number {
  const delay = Math.min(50 * 2 ** attempt, maxRetryDelayMs)
  return delay / 2 + Math.random() * (delay / 2)
}
