import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto'
import { derived } from './derived.ts'

/** Authenticated encryption for one purpose: what one purpose sealed, no other opens. */
export interface Sealer {
  /** `context` is bound, not stored: the same text must be given to open. Returns base64url. */
  seal(plaintext: Uint8Array, context: string): string
  /** Undefined for whatever was not sealed with one of our secrets, this purpose and context. */
  open(sealed: string, context: string): Buffer | undefined
  /** The same sealed anew; undefined unless it was sealed with another secret than the first. */
  renew(sealed: string, context: string): string | undefined
}

/** Or what gives them at each use: another list means that they changed. */
export type Secrets = readonly (string | Uint8Array)[] | (() => readonly (string | Uint8Array)[])

const version = 1
const nonceBytes = 12
const tagBytes = 16

/** A 256-bit key of its own for each purpose (HKDF-SHA256, RFC 5869). */
export function deriveKey(secret: string | Uint8Array, purpose: string): KeyObject {
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, '', `sallyport/${purpose}`, 32)))
}

/**
 * AES-256-GCM: version byte, 96-bit random nonce, ciphertext, 128-bit tag. The first secret seals,
 * all open, so that secrets rotate without a logout.
 */
export function createSealer(secrets: Secrets, purpose: string): Sealer {
  const keyRing = createKeyRing(secrets, purpose)

  function seal(plaintext: Uint8Array, context: string): string {
    const [sealingKey] = keyRing()
    return sealBytes(sealingKey, plaintext, associatedData(purpose, context)).toString('base64url')
  }

  function openWith(keys: readonly KeyObject[], sealed: string, context: string) {
    const bytes = Buffer.from(sealed, 'base64url')
    // Decoding passes over foreign characters and spare bits: one value has one spelling here.
    if (bytes.toString('base64url') !== sealed) return undefined
    const data = associatedData(purpose, context)
    for (const key of keys) {
      const plaintext = openBytes(key, bytes, data)
      if (plaintext) return plaintext
    }
    return undefined
  }

  return {
    seal,
    open: (sealed, context) => openWith(keyRing(), sealed, context),
    renew(sealed, context) {
      const [, ...older] = keyRing()
      const plaintext = openWith(older, sealed, context)
      return plaintext && seal(plaintext, context)
    },
  }
}

type KeyRing = readonly [KeyObject, ...KeyObject[]]

function createKeyRing(secrets: Secrets, purpose: string): () => KeyRing {
  return derived(typeof secrets === 'function' ? secrets : () => secrets, (list) => {
    const [first, ...others] = list.map((secret) => deriveKey(secret, purpose))
    if (first === undefined) throw new Error('a sealer needs at least one secret')
    return [first, ...others] as const
  })
}

function associatedData(purpose: string, context: string): Buffer {
  return Buffer.from(`${purpose}\0${context}`)
}

export function sealBytes(key: KeyObject, plaintext: Uint8Array, data: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(data)
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  return Buffer.concat([Uint8Array.of(version), nonce, ciphertext, cipher.getAuthTag()])
}

/** Undefined when the bytes are not what `sealBytes` made with this key and data. */
export function openBytes(
  key: KeyObject,
  sealed: Uint8Array,
  data: Uint8Array,
): Buffer | undefined {
  if (sealed.length < 1 + nonceBytes + tagBytes || sealed[0] !== version) return undefined
  const tagStart = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAAD(data).setAuthTag(sealed.subarray(tagStart))
  const plaintext = decipher.update(sealed.subarray(1 + nonceBytes, tagStart))
  // Nobody reads the stack of this error, and made-up values may come by the thousand (SEC-53).
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    decipher.final()
    return plaintext
  } catch {
    return undefined
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
