import type { Log } from '../../core/events.ts'
import type { SessionBackend } from './backend.ts'
import type { RedisConnection } from './redis-connection.ts'
import { createRedisLists } from './redis-lists.ts'
import { createRedisLock } from './redis-lock.ts'

/** Each value ends in its authentication tag, which no other value has. */
const tagBytes = 16
/** KEYS: key. ARGV: tag of the expected value, new value, milliseconds to keep it (0 = no end). */
const replaceExpected = `
  if redis.call('getrange', KEYS[1], -${tagBytes}, -1) ~= ARGV[1] then return 0 end
  if ARGV[3] == '0' then redis.call('set', KEYS[1], ARGV[2])
  else redis.call('set', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
  return 1`

/** KEYS: key. ARGV: tag of the expected value. */
const deleteExpected = `
  if redis.call('getrange', KEYS[1], -${tagBytes}, -1) ~= ARGV[1] then return 0 end
  return redis.call('del', KEYS[1])`

/** Sealed sessions as plain strings in Redis, each with the time it has left. */
export function createRedisBackend(
  connection: RedisConnection,
  deps: { readonly log: Log },
): SessionBackend {
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
    async has(key) {
      return (await connection.run('has', (redis) => redis.exists(key))) === 1
    },
    async set(key, value, ttlMs) {
      const bytes = Buffer.from(value)
      await connection.run('set', (redis) =>
        ttlMs === undefined ? redis.set(key, bytes) : redis.set(key, bytes, 'PX', Math.ceil(ttlMs)),
      )
    },
    async replace(key, value, ttlMs, expected) {
      const args = [tagOf(expected), Buffer.from(value), Math.ceil(ttlMs ?? 0)]
      const answer = await connection.run('replace', (redis) =>
        redis.eval(replaceExpected, 1, key, ...args),
      )
      return answer === 1
    },
    async deleteExpected(key, expected) {
      const answer = await connection.run('delete', (redis) =>
        redis.eval(deleteExpected, 1, key, tagOf(expected)),
      )
      return answer === 1
    },
    async delete(key) {
      await connection.run('delete', (redis) => redis.del(key))
    },
    lock: createRedisLock(connection, deps.log),
    lists: createRedisLists(connection),
    async ping() {
      await connection.run('ping', (redis) => redis.ping())
    },
    async close() {
      connection.close()
    },
  }
}

function tagOf(value: Uint8Array): Buffer {
  return Buffer.from(value.subarray(-tagBytes))
}

function isWrongType(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('WRONGTYPE')
}
