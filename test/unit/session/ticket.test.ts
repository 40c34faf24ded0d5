import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createSealer } from '../../../src/lib/sealer.ts'
import { createTicketBook } from '../../../src/session/ticket.ts'

const name = '_oauth2_proxy'
const book = createTicketBook(['a secret'], name)
const plaintext = Buffer.from('who it is')

test('what a ticket sealed, its cookie opens', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const { ticket, cookieValue } = book.issue()
      const opened = book.open(cookieValue)
      assert.equal(opened?.storeKey, ticket.storeKey)
      assert.deepEqual(opened?.open(ticket.seal(bytes)), Buffer.from(bytes))
    }),
  )
})

test('SEC-31: the store key is the cookie name and a hash, new for each ticket', () => {
  const keys = new Set(Array.from({ length: 20 }, () => book.issue().ticket.storeKey))
  assert.equal(keys.size, 20)
  for (const key of keys) assert.match(key, /^_oauth2_proxy-[0-9a-f]{64}$/)
})

test('SEC-31: a value opens with no other ticket', () => {
  const [one, two] = [book.issue().ticket, book.issue().ticket]
  assert.equal(two.open(one.seal(plaintext)), undefined)
})

test('SEC-31: the same plaintext is never the same value twice', () => {
  const { ticket } = book.issue()
  assert.notDeepEqual(ticket.seal(plaintext), ticket.seal(plaintext))
})

test('SEC-28: a ticket opens under its own cookie name and secrets only', () => {
  const { cookieValue } = book.issue()
  assert.equal(createTicketBook(['a secret'], 'other').open(cookieValue), undefined)
  assert.equal(createTicketBook(['other'], name).open(cookieValue), undefined)
  assert.ok(createTicketBook(['other', 'a secret'], name).open(cookieValue))
})

test('SEC-11: what was sealed for another purpose is no ticket', () => {
  for (const purpose of ['session-cookie', 'login-state']) {
    const sealed = createSealer(['a secret'], purpose).seal(Buffer.alloc(48), name)
    assert.equal(book.open(sealed), undefined)
  }
})

test('refuses a sealed ticket of another length', () => {
  const sealer = createSealer(['a secret'], 'session-ticket')
  assert.ok(book.open(sealer.seal(Buffer.alloc(48), name)))
  for (const length of [0, 32, 47, 49]) {
    assert.equal(book.open(sealer.seal(Buffer.alloc(length), name)), undefined)
  }
})

test('SEC-28: any one bit changed, in cookie or value, opens nothing', () => {
  const { ticket, cookieValue } = book.issue()
  const value = ticket.seal(plaintext)
  const flip = (bytes: Buffer, bit: number) => {
    const copy = Buffer.from(bytes)
    copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    return copy
  }
  const cookieBytes = Buffer.from(cookieValue, 'base64url')
  for (let bit = 0; bit < cookieBytes.length * 8; bit += 1) {
    assert.equal(book.open(flip(cookieBytes, bit).toString('base64url')), undefined)
  }
  for (let bit = 0; bit < value.length * 8; bit += 1) {
    assert.equal(ticket.open(flip(value, bit)), undefined)
  }
})

test('SEC-28: truncated, grown, spliced and made-up cookies and values open nothing', () => {
  const [one, two] = [book.issue(), book.issue()]
  const values = [one.ticket.seal(plaintext), one.ticket.seal(plaintext)] as const
  fc.assert(
    fc.property(fc.nat({ max: one.cookieValue.length - 1 }), (cut) => {
      assert.equal(book.open(one.cookieValue.slice(0, cut)), undefined)
      assert.equal(book.open(one.cookieValue + two.cookieValue.slice(0, cut + 1)), undefined)
      const spliced = one.cookieValue.slice(0, cut) + two.cookieValue.slice(cut)
      fc.pre(spliced !== one.cookieValue && spliced !== two.cookieValue)
      assert.equal(book.open(spliced), undefined)
    }),
  )
  fc.assert(
    fc.property(fc.nat({ max: values[0].length - 1 }), (cut) => {
      assert.equal(one.ticket.open(values[0].subarray(0, cut)), undefined)
      assert.equal(
        one.ticket.open(Buffer.concat([values[0], values[1].subarray(0, cut + 1)])),
        undefined,
      )
      const spliced = Buffer.concat([values[0].subarray(0, cut), values[1].subarray(cut)])
      fc.pre(!values.some((value) => value.equals(spliced)))
      assert.equal(one.ticket.open(spliced), undefined)
    }),
  )
  fc.assert(
    fc.property(fc.string(), fc.uint8Array(), (text, bytes) => {
      assert.equal(book.open(text), undefined)
      assert.equal(one.ticket.open(bytes), undefined)
    }),
  )
})
