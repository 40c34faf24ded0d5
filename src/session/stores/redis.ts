import { describeError } from '../../core/errors.ts'
import { randomToken } from '../../lib/bytes.ts'
import type { SessionBackend } from './backend.ts'
import { createRedisConnection, type RedisConnectionDeps } from './redis-connection.ts'
import type { RedisStoreOptions } from './redis-server.ts'

/** A lock that ended by itself may be another process's by now. */
const deleteOwn =
  "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end"

/** Sealed sessions as plain strings in Redis, each with the time it has left. */
export function createRedisBackend(
  options: RedisStoreOptions,
  deps: RedisConnectionDeps,
): SessionBackend {
  const connection = createRedisConnection(options, deps)

  return {
    async get(key) {
      const value = await connection.run('get', async (redis) => {
        try {
          return await redis.getBuffer(key)
        } catch (error) {
          if (!isWrongType(error)) throw error
          deps.log.warn('stored session is no string', { key })
          return undefined
        }
      })
      return value ?? undefined
    },
    async set(key, value, ttlMs) {
      const bytes = Buffer.from(value)
      await connection.run('set', (redis) =>
        ttlMs === undefined ? redis.set(key, bytes) : redis.set(key, bytes, 'PX', Math.ceil(ttlMs)),
      )
    },
    async replace(key, value, ttlMs) {
      const bytes = Buffer.from(value)
      await connection.run('replace', (redis) =>
        ttlMs === undefined
          ? redis.set(key, bytes, 'XX')
          : redis.set(key, bytes, 'PX', Math.ceil(ttlMs), 'XX'),
      )
    },
    async delete(key) {
      await connection.run('delete', (redis) => redis.del(key))
    },
    async lock(key, ttlMs) {
      const token = randomToken(16)
      const answer = await connection.run('lock', (redis) =>
        redis.set(key, token, 'PX', ttlMs, 'NX'),
      )
      if (answer !== 'OK') return undefined
      return async () => {
        try {
          await connection.run('unlock', (redis) => redis.eval(deleteOwn, 1, key, token))
        } catch (error) {
          deps.log.warn('lock left to end by itself', { cause: describeError(error) })
        }
      }
    },
    async ping() {
      await connection.run('ping', (redis) => redis.ping())
    },
    async close() {
      connection.close()
    },
  }
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE')
}
