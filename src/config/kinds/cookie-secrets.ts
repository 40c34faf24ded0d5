import { Secret } from '../../lib/secret.ts'
import { accept, refuse, type Kind } from '../kind.ts'
import { isPlaceholder, refusePlaceholder } from './text.ts'

const generate = 'generate one with: sallyport generate-secret'
const minBytes = 16
const aesKeyBytes = new Set([16, 24, 32])

/**
 * The secrets that seal cookies: the first seals, all open. A list gives each; a single string
 * that is an AES key (16, 24 or 32 bytes, raw or base64url) is one secret even if it holds commas,
 * any other splits at commas. Unset = none.
 */
export const cookieSecrets: Kind<readonly Secret[]> = {
  type: 'secret or list of secrets',
  flag: 'value',
  secret: true,
  schema: { type: ['string', 'array'], items: { type: 'string' } },
  parse(raw) {
    const values = (Array.isArray(raw) ? raw.map(String) : split(String(raw))).filter(
      (value) => value !== '',
    )
    if (values.some(isPlaceholder)) return refusePlaceholder(generate)
    if (values.some((value) => value.includes('\u{fffd}'))) {
      return refuse('is binary, not text', generate)
    }
    if (values.some((value) => Buffer.byteLength(value) < minBytes)) {
      return refuse(`is shorter than ${minBytes} bytes`, generate)
    }
    return accept(values.map((value) => new Secret(value)))
  },
}

function split(value: string): string[] {
  return isAesKey(value) ? [value] : value.split(',').map((part) => part.trim())
}

function isAesKey(value: string): boolean {
  if (aesKeyBytes.has(Buffer.byteLength(value))) return true
  const base64url = /^[\w-]+={0,2}$/.test(value)
  return base64url && aesKeyBytes.has(Buffer.from(value, 'base64url').length)
}
