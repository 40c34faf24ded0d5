import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { createSealer, deriveKey, openBytes, sealBytes } from '../../../src/lib/sealer.ts'

const sealer = createSealer(['first secret', 'second secret'], 'session')
const plaintext = Buffer.from('who is signed in')

function opened(sealed: string, context = 'cookie', by = sealer): string | undefined {
  return by.open(sealed, context)?.toString()
}

test('opens what it sealed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (bytes, context) => {
      const sealed = sealer.seal(bytes, context)
      assert.match(sealed, /^[\w-]+$/)
      assert.deepEqual(sealer.open(sealed, context), Buffer.from(bytes))
    }),
  )
})

test('SEC-28: seals the same text differently each time', () => {
  const sealed = Array.from({ length: 1000 }, () => sealer.seal(plaintext, 'cookie'))
  const nonces = sealed.map((text) =>
    Buffer.from(text, 'base64url').subarray(1, 13).toString('hex'),
  )
  assert.equal(new Set(nonces).size, 1000)
})

describe('SEC-28: opens nothing', () => {
  const sealed = sealer.seal(plaintext, 'cookie')

  test('of another context', () => {
    assert.equal(opened(sealed, 'cookie2'), undefined)
    assert.equal(opened(sealed, ''), undefined)
  })

  test('of another purpose', () => {
    const other = createSealer(['first secret', 'second secret'], 'login')
    assert.equal(opened(sealed, 'cookie', other), undefined)
  })

  test('of another secret', () => {
    assert.equal(opened(sealed, 'cookie', createSealer(['third secret'], 'session')), undefined)
  })

  test('whose purpose and context only look the same when joined', () => {
    const one = createSealer(['secret'], 'a').seal(plaintext, 'b\0c')
    assert.equal(opened(one, 'c', createSealer(['secret'], 'a\0b')), undefined)
  })

  test('truncated anywhere', () => {
    for (let length = 0; length < sealed.length; length += 1) {
      assert.equal(opened(sealed.slice(0, length)), undefined)
      assert.equal(opened(sealed.slice(-length - 1, -1)), undefined)
    }
  })

  test('with any bit flipped, version and nonce included', () => {
    const bytes = Buffer.from(sealed, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const flipped = Buffer.from(bytes)
      flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3)
      assert.equal(opened(flipped.toString('base64url')), undefined)
    }
  })

  test('spliced from two', () => {
    const other = sealer.seal(Buffer.from('somebody else now'), 'cookie')
    assert.equal(opened(sealed.slice(0, 20) + other.slice(20)), undefined)
    assert.equal(opened(sealed + other), undefined)
    assert.equal(opened(sealed + sealed), undefined)
  })

  test('in another spelling of the same bytes', () => {
    // Lengths that leave 0, 2 and 4 stray bits in the last character.
    for (const text of ['abc', 'abcd', 'abcde']) {
      const original = sealer.seal(Buffer.from(text), 'cookie')
      const bytes = Buffer.from(original, 'base64url')
      const last = original.slice(-1)
      const spellings = [
        ...alphabet
          .split('')
          .filter((char) => char !== last)
          .map((char) => original.slice(0, -1) + char),
        ...['=', '==', ' ', '\n', '.', '!', 'A'].map((end) => original + end),
        `${original.slice(0, 9)}*${original.slice(9)}`,
        ` ${original}`,
        bytes.toString('base64'),
        bytes.toString('hex'),
      ].filter((spelling) => spelling !== original)
      for (const spelling of spellings) assert.equal(opened(spelling), undefined, spelling)
      assert.equal(opened(original), text)
    }
  })

  test('that nobody sealed', () => {
    for (const text of ['', 'A', 'AQ', '....', '🔑', 'A'.repeat(100_000)]) {
      assert.equal(opened(text), undefined)
    }
    fc.assert(fc.property(fc.string(), (text) => assert.equal(opened(text), undefined)))
  })
})

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('rotation', () => {
  const old = createSealer(['old secret'], 'session')
  const both = createSealer(['new secret', 'old secret'], 'session')
  const rotated = createSealer(['new secret'], 'session')

  test('the old secret still opens, the new one seals', () => {
    assert.equal(opened(old.seal(plaintext, 'cookie'), 'cookie', both), plaintext.toString())
    const sealed = both.seal(plaintext, 'cookie')
    assert.equal(opened(sealed, 'cookie', rotated), plaintext.toString())
    assert.equal(opened(sealed, 'cookie', old), undefined)
  })

  test('what an older secret sealed is sealed anew with the first, anything else stays', () => {
    const renewed = both.renew(old.seal(plaintext, 'cookie'), 'cookie')
    assert.equal(opened(renewed ?? '', 'cookie', rotated), plaintext.toString())
    assert.equal(both.renew(both.seal(plaintext, 'cookie'), 'cookie'), undefined)
    assert.equal(both.renew(old.seal(plaintext, 'other'), 'cookie'), undefined)
    assert.equal(both.renew('nonsense', 'cookie'), undefined)
  })

  test('follows a list of secrets that changes', () => {
    let secrets: readonly string[] = ['old secret']
    const live = createSealer(() => secrets, 'session')
    const sealed = live.seal(plaintext, 'cookie')
    secrets = ['new secret', 'old secret']
    assert.equal(opened(sealed, 'cookie', live), plaintext.toString())
    assert.equal(opened(live.seal(plaintext, 'cookie'), 'cookie', rotated), plaintext.toString())
    secrets = ['new secret']
    assert.equal(opened(sealed, 'cookie', live), undefined)
    assert.equal(opened(live.seal(plaintext, 'cookie'), 'cookie', rotated), plaintext.toString())
  })

  test('without a secret there is no sealer', () => {
    assert.throws(() => createSealer([], 'session'), /at least one secret/)
  })
})

test('a key of its own for each secret and purpose', () => {
  const keys = [
    deriveKey('secret', 'session'),
    deriveKey('secret', 'login'),
    deriveKey('secret2', 'session'),
  ].map((key) => key.export().toString('hex'))
  assert.equal(new Set(keys).size, 3)
  assert.ok(keys.every((key) => key.length === 64))
  assert.equal(keys[0], deriveKey(Buffer.from('secret'), 'session').export().toString('hex'))
})

test('bytes open with their key and data alone', () => {
  const key = deriveKey('secret', 'session')
  const data = Buffer.from('data')
  const sealed = sealBytes(key, plaintext, data)
  assert.deepEqual(openBytes(key, sealed, data), plaintext)
  assert.equal(openBytes(key, sealed, Buffer.from('other')), undefined)
  assert.equal(openBytes(deriveKey('other', 'session'), sealed, data), undefined)
  assert.equal(openBytes(key, sealed.subarray(0, 28), data), undefined)
})
