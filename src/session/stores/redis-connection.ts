import type { RedisClient } from './redis-client.ts'
import { classifyRedisError, describeRedisError } from './redis-errors.ts'
import type { RedisStoreOptions } from './redis-server.ts'
import { Unavailable } from '../../core/errors.ts'
import type { Log, ObserveCall } from '../../core/events.ts'
import { createCircuitBreaker } from '../../lib/circuit-breaker.ts'
import { secondsSince } from '../../lib/clock.ts'
import { withDeadline } from '../../lib/deadline.ts'

export interface RedisConnection {
  /** The command's answer, or `Unavailable` within `store_timeout`. The only way to the server. */
  run<T>(operation: string, command: (redis: RedisClient) => Promise<T>): Promise<T>
  close(): void
}

export interface RedisConnectionDeps {
  readonly log: Log
  readonly observe: ObserveCall
}

/** A server that hangs lets connections stand: these keep commands from waiting for it in vain. */
const silentLimit = 5
const restMs = 500
const connecting = 'connecting'

export type RedisConnectionOptions = Pick<
  RedisStoreOptions,
  'store_timeout' | 'redis_connection_idle_timeout'
>

/** One connection for all commands, and what is to be said about it. */
export function createRedisConnection(
  redis: RedisClient,
  options: RedisConnectionOptions,
  { log, observe }: RedisConnectionDeps,
): RedisConnection {
  const watch = watchConnection(redis, log)
  const guarded = createCircuitBreaker({ silentLimit, restMs, classify: classifyRedisError })
  const idleMs = options.redis_connection_idle_timeout * 1000
  const keepBusy = () => void redis.ping().catch(() => undefined)
  const busy = idleMs > 0 ? setInterval(keepBusy, idleMs / 2).unref() : undefined

  return {
    async run(operation, command) {
      const startedNs = process.hrtime.bigint()
      let result: 'ok' | 'error' = 'error'
      try {
        if (redis.status !== 'ready') throw new Error(`not connected (${watch.outage()})`)
        const answer = await guarded(() => withDeadline(command(redis), options.store_timeout))
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
      clearInterval(busy)
      redis.disconnect()
    },
  }
}

/** Logs each outage and each recovery once, however often the connection is tried. */
function watchConnection(redis: RedisClient, log: Log) {
  /** Empty while the server answers. */
  let outage = connecting
  const report = (cause: string) => {
    if (cause !== outage) log.warn('redis connection failed', { cause })
    outage = cause
  }
  const onClose = () => {
    if (outage === '' || outage === connecting) report('connection closed')
  }
  redis.on('error', (error: unknown) => report(describeRedisError(error)))
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
