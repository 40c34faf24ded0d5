import type { Redis } from 'ioredis'
import { classifyRedisError, describeRedisError } from './redis-errors.ts'
import type { Log } from '../../core/events.ts'
import type { Clock } from '../../lib/clock.ts'
import type { ChangeListener } from '../heard-changes.ts'

export interface RedisListenerDeps {
  readonly clock: Clock
  readonly log: Log
  readonly listener: ChangeListener
  /** What the keys of interest begin with. */
  readonly prefix: string
  /** How long a silent connection is taken to have told everything. */
  readonly silenceMs: number
}

/** Where Redis sends the names of keys that changed. */
const channel = '__redis__:invalidate'
/** A server that refused (too old, no permission) is asked again that much later. */
const askAgainMs = 10_000

/**
 * Has one server tell of every key that changes, expires, is evicted or deleted, whoever did it, on
 * a connection of this listener's own. A ping that is answered there proves that all earlier changes
 * were told.
 */
export function listenToRedis(
  redis: Redis,
  { clock, log, listener, prefix, silenceMs }: RedisListenerDeps,
): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  /** Counts connections, so that what was begun on one does not go on with the next. */
  let connections = 0
  let isRefused = false

  async function listen(): Promise<void> {
    const connection = connections
    const isCurrent = () => connection === connections
    try {
      const startedAt = clock.now()
      await startTracking(redis, prefix)
      if (!isCurrent()) return
      listener.began(startedAt + silenceMs)
      if (isRefused) log.info('redis tells of changed sessions again')
      isRefused = false
      later(silenceMs / 3, prove)
    } catch (error) {
      if (!isCurrent()) return
      if (!isRefused) {
        const cause = describeRedisError(error)
        log.warn('redis does not tell of changed sessions', { cause })
      }
      isRefused = true
      if (classifyRedisError(error) === 'answered') later(askAgainMs, listen)
      // It was only late. What it may still do on this connection nobody knows: a new one, soon.
      else redis.disconnect(true)
    }
  }

  async function prove(): Promise<void> {
    const connection = connections
    const askedAt = clock.now()
    try {
      await redis.ping()
      if (connection === connections) listener.heard(askedAt + silenceMs)
    } catch {
      // Unproven, the time runs out by itself; a broken connection is told by its close.
    }
    if (connection === connections) later(silenceMs / 3, prove)
  }

  function later(ms: number, run: () => Promise<void>): void {
    clearTimeout(timer)
    timer = setTimeout(() => void run(), ms).unref()
  }

  function onMessage(name: Buffer, keys: unknown): void {
    if (name.toString() !== channel) return
    // No list of keys: all of them, after FLUSHALL or FLUSHDB.
    if (!Array.isArray(keys)) listener.changedAll()
    else for (const key of keys) listener.changed(String(key))
  }

  redis.on('ready', () => void listen())
  redis.on('messageBuffer', onMessage)
  redis.on('close', () => {
    connections += 1
    clearTimeout(timer)
    listener.lost()
  })
  // Said by the connection that the checks use.
  redis.on('error', () => {})

  return {
    close() {
      redis.disconnect()
    },
  }
}

/** One connection both asks and is told: RESP2 lets it redirect to itself before it subscribes. */
async function startTracking(redis: Redis, prefix: string): Promise<void> {
  const id = await redis.client('ID')
  await redis.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', id, 'BCAST', 'PREFIX', prefix)
  await redis.subscribe(channel)
}
