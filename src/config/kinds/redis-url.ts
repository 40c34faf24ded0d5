import { accept, refine, refuse, type Kind } from '../kind.ts'
import { text } from './text.ts'

/** May hold a password, so it counts as a secret. Unset = empty. */
export const redisUrl: Kind<string> = {
  ...refine(text, { type: 'URL' }, (value) =>
    value === '' || /^unix:\/\/([^/@]*@)?\//.test(value) || isServer(URL.parse(value))
      ? accept(value)
      : refuse('is not a Redis URL', 'write redis://host:6379, rediss://host:6379 or unix:///path'),
  ),
  secret: true,
}

function isServer(url: URL | null): boolean {
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== ''
}
