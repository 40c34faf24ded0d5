/** What one URL says, as go-redis reads it. */
export interface RedisUrl {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string }
  readonly db: number
  /** Empty = none. */
  readonly username: string
  readonly password: string
  readonly isTls: boolean
}

/** A unix socket's URL has no host, which the URL parser does not let have credentials. */
const socketHost = 'socket'

/** Throws an Error for the operator that names the option and does not repeat the URL. */
export function parseRedisUrl(option: string, text: string, defaultPort: number): RedisUrl {
  const url = parseUrl(option, text)
  const decode = (part: string): string => decodePart(option, part)
  const isSocket = url.protocol === 'unix:'
  const database = url.searchParams.get('db') ?? (isSocket ? '' : url.pathname.slice(1))
  if (!/^\d{0,4}$/.test(database)) throw new Error(`the database in ${option} is not a number`)
  const host = url.hostname.replace(/^\[|\]$/g, '') || 'localhost'
  return {
    address: isSocket
      ? { path: decode(url.pathname) }
      : { host, port: Number(url.port || defaultPort) },
    db: Number(database),
    username: decode(url.username),
    password: decode(url.password),
    isTls: url.protocol === 'rediss:',
  }
}

function parseUrl(option: string, text: string): URL {
  try {
    const url = new URL(text.replace(/^unix:\/\/([^/@]*@)?(?=\/)/, `unix://$1${socketHost}`))
    if (['redis:', 'rediss:', 'unix:'].includes(url.protocol)) return url
  } catch {
    // The parser's error quotes the URL, password and all.
  }
  throw new Error(`${option} is not a redis://, rediss:// or unix:// URL`)
}

function decodePart(option: string, part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Error(`${option} holds a % that is not followed by two hex digits`)
  }
}
