import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Secret } from '../../lib/secret.ts'
import { asksForTls, toTlsOptions, type RedisTlsOptions } from './redis-tls.ts'
import { parseRedisUrl, type RedisUrl } from './redis-url.ts'

export interface RedisStoreOptions extends RedisTlsOptions {
  /** `redis://`, `rediss://` or `unix://`, with credentials and database as go-redis reads them. */
  readonly redis_connection_url: string
  /** Overrides the URL's; empty = the URL's. */
  readonly redis_username: string
  /** Overrides the URL's; empty = the URL's. */
  readonly redis_password: Secret
  /** Seconds after which a connection is not left idle any longer; 0 = for ever. */
  readonly redis_connection_idle_timeout: number
  readonly redis_use_sentinel: boolean
  readonly redis_sentinel_master_name: string
  /** Credentials at the Sentinels themselves; empty = none. */
  readonly redis_sentinel_username: string
  readonly redis_sentinel_password: Secret
  /** The last one has what holds for the server: credentials, database, TLS. */
  readonly redis_sentinel_connection_urls: readonly string[]
  readonly redis_use_cluster: boolean
  /** Some of its nodes. The last one has what holds for all: credentials, TLS. */
  readonly redis_cluster_connection_urls: readonly string[]
  /** Milliseconds that one command may take. */
  readonly store_timeout: number
}

interface Address {
  readonly host: string
  readonly port: number
}

/** How to be let in. */
interface Access {
  readonly username?: string
  readonly password?: string
  readonly tls?: ConnectionOptions
}

/** Where Redis is. */
export type RedisServer = { readonly access: Access } & (
  | { readonly kind: 'single'; readonly address: RedisUrl['address']; readonly db: number }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly Address[]
      readonly masterName: string
      /** How to be let in by the Sentinels. */
      readonly sentinelAccess: Access
      readonly db: number
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly Address[] }
)

const redisPort = 6379
const sentinelPort = 26379

/** Throws an Error for the operator, without secrets. */
export function parseRedisServer(options: RedisStoreOptions): RedisServer {
  if (options.redis_use_sentinel) return toSentinel(options)
  if (options.redis_use_cluster) return toCluster(options)
  const url = parseRedisUrl('redis_connection_url', options.redis_connection_url, redisPort)
  const { address, db } = url
  const isNamed = 'host' in address && isIP(address.host) === 0
  const access = toAccess(url, options, isNamed ? address.host : undefined)
  return { kind: 'single', address, db, access }
}

function toSentinel(options: RedisStoreOptions): RedisServer {
  const { urls, last } = parseUrls('redis_sentinel_connection_urls', options, sentinelPort)
  const access = toAccess(last, options)
  const username = options.redis_sentinel_username
  const password = options.redis_sentinel_password.reveal()
  return {
    kind: 'sentinel',
    sentinels: urls,
    masterName: options.redis_sentinel_master_name,
    access,
    sentinelAccess: {
      ...(username !== '' && { username }),
      ...(password !== '' && { password }),
      ...(access.tls && { tls: access.tls }),
    },
    db: last.db,
  }
}

function toCluster(options: RedisStoreOptions): RedisServer {
  const { urls, last } = parseUrls('redis_cluster_connection_urls', options, redisPort)
  if (last.db !== 0) throw new Error('redis_cluster_connection_urls: a cluster has database 0 only')
  return { kind: 'cluster', nodes: urls, access: toAccess(last, options) }
}

function parseUrls(
  option: 'redis_sentinel_connection_urls' | 'redis_cluster_connection_urls',
  options: RedisStoreOptions,
  port: number,
): { readonly urls: readonly Address[]; readonly last: RedisUrl } {
  const parsed = options[option].map((text) => parseRedisUrl(option, text, port))
  const last = parsed.at(-1)
  if (last === undefined) throw new Error(`${option} is empty`)
  const urls = parsed.map(({ address }) => {
    if ('path' in address) throw new Error(`${option} holds a unix:// URL: there it takes hosts`)
    return address
  })
  return { urls, last }
}

/** `servername` for servers that choose their certificate by name. */
function toAccess(url: RedisUrl, options: RedisStoreOptions, servername?: string): Access {
  const username = options.redis_username || url.username
  const password = options.redis_password.reveal() || url.password
  return {
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...((url.isTls || asksForTls(options)) && { tls: toTlsOptions(options, servername) }),
  }
}
