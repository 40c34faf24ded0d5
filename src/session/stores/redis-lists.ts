// Sorted sets by the end of their members. One key a command, so that a cluster can hold them.
import type { RedisConnection } from './redis-connection.ts'
import type { SessionLists } from './session-lists.ts'

/** Members, then the list itself, go when their time has come. Returns how many were added, and whom
 * the limit pushed out. */
const addScript = `
redis.call('zremrangebyscore', KEYS[1], '-inf', ARGV[3])
local out = { redis.call('zadd', KEYS[1], ARGV[2], ARGV[1]) }
local over = redis.call('zcard', KEYS[1]) - tonumber(ARGV[4])
if over > 0 then
  local popped = redis.call('zpopmin', KEYS[1], over)
  for i = 1, #popped, 2 do out[#out + 1] = popped[i] end
end
local last = redis.call('zrange', KEYS[1], -1, -1, 'withscores')[2]
redis.call('pexpire', KEYS[1], math.max(1, string.format('%.0f', last - ARGV[3])))
return out`

export function createRedisLists(connection: RedisConnection): SessionLists {
  return {
    async add(key, id, { now, endsAt }, limit) {
      const answer = await connection.run('list-add', (redis) =>
        redis.eval(addScript, 1, key, id, endsAt, now, limit),
      )
      const [added, ...out] = Array.isArray(answer) ? answer.map(String) : []
      return { isNew: added === '1', out }
    },
    async remove(key, id) {
      await connection.run('list-remove', (redis) => redis.zrem(key, id))
    },
    read(key, now) {
      return connection.run('list-read', (redis) => redis.zrangebyscore(key, `(${now}`, '+inf'))
    },
  }
}
