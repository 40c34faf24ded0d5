import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import {
  createSecureContext,
  getCACertificates,
  type ConnectionOptions,
  type SecureContext,
} from 'node:tls'
import type { Secret } from '../../lib/secret.ts'

export interface RedisStoreOptions {
  /** `redis://`, `rediss://` or `unix://`, with credentials and database as go-redis reads them. */
  readonly redis_connection_url: string
  /** Overrides the URL's; empty = the URL's. */
  readonly redis_username: string
  /** Overrides the URL's; empty = the URL's. */
  readonly redis_password: Secret
  /** PEM file that is trusted besides the system's; empty = none. Turns TLS on. */
  readonly redis_ca_path: string
  /** Turns TLS on. */
  readonly redis_insecure_skip_tls_verify: boolean
  /** Milliseconds that one command may take. */
  readonly store_timeout: number
}

type Address =
  | { readonly host: string; readonly port: number; readonly db: number }
  | { readonly path: string; readonly db: number }

/** Where the server is and how to be let in, as ioredis wants it. */
export type RedisServer = Address & {
  readonly username?: string
  readonly password?: string
  readonly tls?: ConnectionOptions
}

/** Throws an Error for the operator, without secrets. */
export function parseRedisServer(options: RedisStoreOptions): RedisServer {
  const url = parseUrl(options.redis_connection_url)
  const username = options.redis_username || decode(url.username)
  const password = options.redis_password.reveal() || decode(url.password)
  const tls = toTlsOptions(url, options)
  return {
    ...toAddress(url),
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    ...(tls && { tls }),
  }
}

/** A unix socket's URL has no host, which the URL parser does not let have credentials. */
const socketHost = 'socket'

function parseUrl(text: string): URL {
  try {
    const url = new URL(text.replace(/^unix:\/\/([^/@]*@)?(?=\/)/, `unix://$1${socketHost}`))
    if (['redis:', 'rediss:', 'unix:'].includes(url.protocol)) return url
  } catch {
    // The parser's error quotes the URL, password and all.
  }
  throw new Error('redis_connection_url is not a redis://, rediss:// or unix:// URL')
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error('redis_connection_url holds a % that is not followed by two hex digits')
  }
}

function toAddress(url: URL): Address {
  const isSocket = url.protocol === 'unix:'
  const database = url.searchParams.get('db') ?? (isSocket ? '' : url.pathname.slice(1))
  if (!/^\d{0,4}$/.test(database)) {
    throw new Error('the database in redis_connection_url is not a number')
  }
  const db = Number(database)
  if (isSocket) return { path: decode(url.pathname), db }
  return { host: hostOf(url), port: Number(url.port || 6379), db }
}

function toTlsOptions(url: URL, options: RedisStoreOptions): ConnectionOptions | undefined {
  const { redis_ca_path: caPath, redis_insecure_skip_tls_verify: skipsVerify } = options
  if (url.protocol !== 'rediss:' && caPath === '' && !skipsVerify) return undefined
  const host = hostOf(url)
  return {
    ...(isIP(host) === 0 && { servername: host }),
    ...(caPath !== '' && { secureContext: trustAlso(caPath) }),
    rejectUnauthorized: !skipsVerify,
  }
}

/** Read once: 100 and more certificates take a while to parse at every connection. */
function trustAlso(caPath: string): SecureContext {
  const pem = readFileSync(caPath, 'utf8')
  try {
    // What is no certificate is otherwise passed over in silence.
    void new X509Certificate(pem)
  } catch (error) {
    throw new Error(`redis_ca_path ${caPath} holds no PEM certificate`, { cause: error })
  }
  return createSecureContext({ ca: [...getCACertificates('default'), pem] })
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '') || 'localhost'
}
