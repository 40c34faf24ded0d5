import { accept, refine, refuse, type Kind } from '../kind.ts'
import { listOf } from './list.ts'
import { text } from './text.ts'

/** May hold a password, so it counts as a secret. Unset = empty. */
export const redisUrl: Kind<string> = {
  ...refine(text, { type: 'URL' }, (value) =>
    value === '' || (isRedisUrl(value) && isDecodable(value))
      ? accept(value)
      : refuse('is not a Redis URL', 'write redis://host:6379, rediss://host:6379 or unix:///path'),
  ),
  secret: true,
}

/** URLs of several servers, which no unix socket is. */
export const redisUrls: Kind<readonly string[]> = {
  ...listOf({ type: 'list of URLs' }, (entry) =>
    isServer(URL.parse(entry))
      ? accept(entry)
      : refuse('is not a Redis URL', 'write redis://host:6379 or rediss://host:6379'),
  ),
  secret: true,
}

function isRedisUrl(value: string): boolean {
  return /^unix:\/\/([^/@]*@)?\//.test(value) || isServer(URL.parse(value))
}

function isServer(url: URL | null): boolean {
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== ''
}

/** What stands for a byte is written as `%` and two hex digits, and the bytes are UTF-8. */
function isDecodable(value: string): boolean {
  try {
    decodeURIComponent(value)
    return true
  } catch {
    return false
  }
}
