import { Redis } from 'ioredis'
import { parseRedisServer, type RedisStoreOptions } from './redis-server.ts'
import { Unavailable } from '../../core/errors.ts'
import type { Log, ObserveCall } from '../../core/events.ts'
import { secondsSince } from '../../lib/clock.ts'

export interface RedisConnection {
  /** The command's answer, or `Unavailable` within `store_timeout`. The only way to the server. */
  run<T>(operation: string, command: (redis: Redis) => Promise<T>): Promise<T>
  close(): void
}

export interface RedisConnectionDeps {
  readonly log: Log
  readonly observe: ObserveCall
}

const connectTimeoutMs = 5_000
const maxRetryDelayMs = 1_000
const connecting = 'connecting'

/**
 * One connection, opened at once and again whenever it is lost; nobody waits for it. While it is
 * away every command fails without delay, so that requests do not pile up.
 */
export function createRedisConnection(
  options: RedisStoreOptions,
  { log, observe }: RedisConnectionDeps,
): RedisConnection {
  const redis = new Redis({
    ...parseRedisServer(options),
    // RESP2: also what stands between (proxies, older servers) speaks it.
    protocol: 2,
    commandTimeout: options.store_timeout,
    // A server that hangs: its connection is dropped, and with it what waits for its answers.
    socketTimeout: 2 * options.store_timeout,
    connectTimeout: connectTimeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    // INFO is not for every user, and a server that still loads says so itself.
    enableReadyCheck: false,
    disableClientInfo: true,
    retryStrategy: retryDelayMs,
    // After a failover the name leads to the new primary.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
  })
  const watch = watchConnection(redis, log)

  return {
    async run(operation, command) {
      const startedNs = process.hrtime.bigint()
      let result: 'ok' | 'error' = 'error'
      try {
        if (redis.status !== 'ready') throw new Error(`not connected (${watch.outage()})`)
        const answer = await command(redis)
        result = 'ok'
        watch.answered()
        return answer
      } catch (error) {
        // Without cause: ioredis hangs the command's arguments on its errors.
        throw new Unavailable('store', `redis ${operation}: ${describeRedisError(error)}`)
      } finally {
        observe(operation, result, secondsSince(startedNs))
      }
    },
    close() {
      watch.stop()
      redis.disconnect()
    },
  }
}

/** Logs each outage and each recovery once, however often the connection is tried. */
function watchConnection(redis: Redis, log: Log) {
  /** Empty while the server answers. */
  let outage = connecting
  const report = (cause: string) => {
    if (cause !== outage) log.warn('redis connection failed', { cause })
    outage = cause
  }
  const onClose = () => {
    if (outage === '' || outage === connecting) report('connection closed')
  }
  redis.on('error', (error) => report(describeRedisError(error)))
  redis.on('close', onClose)
  return {
    outage: () => outage,
    /** A connection alone is no recovery: a server that hangs accepts it too. */
    answered() {
      if (outage !== '') log.info('redis connected')
      outage = ''
    },
    stop() {
      redis.off('close', onClose)
      outage = 'closed'
    },
  }
}

/** Names a failure without what was sent: of the server's own errors only the code. */
function describeRedisError(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown error'
  if (error.name === 'ReplyError') return error.message.split(' ', 1)[0] ?? ''
  // How ioredis puts that the connection broke before the answer came.
  if (error.name === 'MaxRetriesPerRequestError') return 'connection lost'
  if (error.message !== '') return error.message
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

/** Backs off from 100 ms to a second, with jitter so that replicas do not come back in step. */
function retryDelayMs(attempt: number): number {
  const delay = Math.min(50 * 2 ** attempt, maxRetryDelayMs)
  return delay / 2 + Math.random() * (delay / 2)
}
