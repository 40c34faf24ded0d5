import { isIP } from 'node:net'
import type { ConnectionOptions } from 'node:tls'
import type { Secret } from '../../lib/secret.ts'
import type { Credentials } from './redis-connectors.ts'
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

/** Where Redis is. */
export type RedisServer = { readonly tls?: ConnectionOptions } & (
  | { readonly kind: 'single'; readonly address: RedisUrl['address']; readonly db: number }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly Address[]
      readonly masterName: string
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
  return { kind: 'single', address, db, ...toTls(url, options, isNamed ? address.host : undefined) }
}

function toSentinel(options: RedisStoreOptions): RedisServer {
  const { urls, last } = parseUrls('redis_sentinel_connection_urls', options, sentinelPort)
  return {
    kind: 'sentinel',
    sentinels: urls,
    masterName: options.redis_sentinel_master_name,
    db: last.db,
    ...toTls(last, options),
  }
}

function toCluster(options: RedisStoreOptions): RedisServer {
  const { urls, last } = parseUrls('redis_cluster_connection_urls', options, redisPort)
  if (last.db !== 0) throw new Error('redis_cluster_connection_urls: a cluster has database 0 only')
  return { kind: 'cluster', nodes: urls, ...toTls(last, options) }
}

/** How to be let in by Redis itself; by the Sentinels, it is `sentinelCredentials`. */
export function redisCredentials(options: RedisStoreOptions): Credentials {
  const { username, password } = urlOfServer(options)
  return toCredentials(
    options.redis_username || username,
    options.redis_password.reveal() || password,
  )
}

export function sentinelCredentials(
  options: Pick<RedisStoreOptions, 'redis_sentinel_username' | 'redis_sentinel_password'>,
): Credentials {
  const { redis_sentinel_username: username, redis_sentinel_password: password } = options
  return toCredentials(username, password.reveal())
}

function urlOfServer(options: RedisStoreOptions): RedisUrl {
  const lastOf = (option: UrlListOption) => parseUrls(option, options, 0).last
  if (options.redis_use_sentinel) return lastOf('redis_sentinel_connection_urls')
  if (options.redis_use_cluster) return lastOf('redis_cluster_connection_urls')
  return parseRedisUrl('redis_connection_url', options.redis_connection_url, 0)
}

type UrlListOption = 'redis_sentinel_connection_urls' | 'redis_cluster_connection_urls'

function parseUrls(
  option: UrlListOption,
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

function toCredentials(username: string, password: string): Credentials {
  return { ...(username !== '' && { username }), ...(password !== '' && { password }) }
}

/** `servername` for servers that choose their certificate by name. */
function toTls(
  url: RedisUrl,
  options: RedisStoreOptions,
  servername?: string,
): { readonly tls?: ConnectionOptions } {
  if (!url.isTls && !asksForTls(options)) return {}
  return { tls: toTlsOptions(options, servername) }
}
