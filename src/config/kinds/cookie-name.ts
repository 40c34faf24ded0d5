import { accept, refine, refuse, type Kind } from '../kind.ts'
import { text } from './text.ts'

/** A token of RFC 6265; suffixes of ours are appended. */
export const cookieName: Kind<string> = refine(text, { type: 'cookie name' }, (value) => {
  if (value.length > 256) return refuse('is longer than 256 characters', 'shorten it')
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value)
    ? accept(value)
    : refuse('is not a name for a cookie', 'use letters, digits, _ and -')
})
