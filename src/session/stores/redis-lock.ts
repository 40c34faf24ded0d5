// A lock that its holder renews as long as it lives: however long the work takes nobody else gets it,
// and it is free soon after the holder died.
import { describeError } from '../../core/errors.ts'
import type { Log } from '../../core/events.ts'
import { randomToken } from '../../lib/bytes.ts'
import type { SessionBackend } from './backend.ts'
import type { RedisConnection } from './redis-connection.ts'

/** What others wait for after the holder died; longer than a hiccup of Redis or of the holder. */
const leaseMs = 10_000
const renewEveryMs = leaseMs / 3

/** KEYS: key. ARGV: the owner's token. A lock that ended by itself may be another process's by now. */
const ifOwn = (command: string) =>
  `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call(${command}) end return 0`
const releaseOwn = ifOwn("'del', KEYS[1]")
const renewOwn = ifOwn(`'pexpire', KEYS[1], ${leaseMs}`)

export function createRedisLock(connection: RedisConnection, log: Log): SessionBackend['lock'] {
  return async (key) => {
    const token = randomToken(16)
    const answer = await connection.run('lock', (redis) =>
      redis.set(key, token, 'PX', leaseMs, 'NX'),
    )
    if (answer !== 'OK') return undefined
    const timer = setInterval(() => void renew(), renewEveryMs).unref()

    async function renew(): Promise<void> {
      try {
        const isOwn = await connection.run('renew', (redis) => redis.eval(renewOwn, 1, key, token))
        if (isOwn === 1) return
        clearInterval(timer)
        log.warn('lock lost while it was held', { key })
      } catch {
        // Redis is away, which is logged by the connection; the lease outlives one renewal or two.
      }
    }

    return async () => {
      clearInterval(timer)
      try {
        await connection.run('unlock', (redis) => redis.eval(releaseOwn, 1, key, token))
      } catch (error) {
        log.warn('lock left to end by itself', { cause: describeError(error) })
      }
    }
  }
}
