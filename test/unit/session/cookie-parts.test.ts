import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { formatSetCookie, type SetCookie } from '../../../src/core/cookie.ts'
import { parseCookies } from '../../../src/lib/cookie-header.ts'
import { joinCookies, shownNames, splitCookie } from '../../../src/session/cookie-parts.ts'

const name = 'session'

function cookieOf(value: string, changes: Partial<SetCookie> = {}): SetCookie {
  const attributes = { path: '/', httpOnly: true, secure: true, sameSite: 'lax' } as const
  return { name, value, ...attributes, ...changes }
}

function join(...pairs: readonly string[]): readonly string[] {
  return [...joinCookies(name, parseCookies(pairs.join('; ')))]
}

function pairsOf(cookies: readonly SetCookie[]): readonly string[] {
  return cookies.map((cookie) => `${cookie.name}=${cookie.value}`)
}

function randomValue(length: number): string {
  return randomBytes(length).toString('base64url').slice(0, length)
}

const anyValue = fc
  .uint8Array({ minLength: 20, maxLength: 40 })
  .chain((end) => fc.nat({ max: 30_000 }).map((length) => ({ end, length })))
  .map(({ end, length }) => randomValue(length) + Buffer.from(end).toString('base64url'))

test('a cookie of 4000 bytes in all stays whole, one more is split', () => {
  const room = 4000 - formatSetCookie(cookieOf('')).length
  assert.deepEqual(
    splitCookie(cookieOf('x'.repeat(room))).map((cookie) => cookie.name),
    ['session'],
  )
  assert.deepEqual(
    splitCookie(cookieOf('x'.repeat(room + 1))).map((cookie) => cookie.name),
    ['session_0', 'session_1'],
  )
})

test('counts the attributes, and keeps them on every part', () => {
  const attributes = {
    domain: 'd'.repeat(200),
    path: `/${'p'.repeat(500)}`,
    maxAgeSeconds: 604_800,
  }
  const cookie = cookieOf(randomValue(9_000), attributes)
  const parts = splitCookie(cookie)
  assert.equal(parts.length, 3)
  for (const part of parts) {
    assert.ok(formatSetCookie(part).length <= 4000)
    assert.deepEqual({ ...part, name, value: '' }, { ...cookie, value: '' })
  }
})

test('refuses a value that more than ten cookies would have to carry', () => {
  assert.equal(splitCookie(cookieOf(randomValue(38_000))).length, 10)
  assert.throws(() => splitCookie(cookieOf(randomValue(40_000))), /does not fit in 10 cookies/)
})

test('any value survives the split, whatever the order of its parts', () => {
  fc.assert(
    fc.property(anyValue, fc.boolean(), (value, reverse) => {
      const pairs = pairsOf(splitCookie(cookieOf(value)))
      assert.deepEqual(join(...(reverse ? pairs.toReversed() : pairs)), [value])
    }),
  )
})

test('a value that lacks a part is not joined', () => {
  fc.assert(
    fc.property(fc.integer({ min: 4_000, max: 30_000 }), fc.nat(), (length, choice) => {
      const pairs = pairsOf(splitCookie(cookieOf(randomValue(length))))
      assert.deepEqual(join(...pairs.toSpliced(choice % pairs.length, 1)), [])
    }),
  )
})

test('SEC-28: parts of two values, mixed, join to neither a third nor fewer', () => {
  const [one, two] = [randomValue(9_000), randomValue(12_000)]
  const [ones, twos] = [one, two].map((value) => pairsOf(splitCookie(cookieOf(value))))
  assert.ok(ones && twos)
  assert.deepEqual(join(...ones, ...twos), [one, two])
  assert.deepEqual(join(...ones.slice(0, 1), ...twos.slice(1)), [])
})

test('SEC-28: parts that changed places do not join to the value', () => {
  const value = randomValue(12_000)
  const parts = splitCookie(cookieOf(value))
  const order = ['session_0', 'session_2', 'session_1', 'session_3']
  const swapped = parts.map((part, index) => ({ ...part, name: order[index] ?? '' }))
  const joined = join(...pairsOf(swapped))
  assert.deepEqual(
    joined.map(({ length }) => length),
    [value.length],
  )
  assert.notEqual(joined[0], value)
  const shifted = parts.map((part, index) => ({ ...part, name: `session_${(index + 1) % 4}` }))
  assert.deepEqual(join(...pairsOf(shifted)), [])
})

test('SEC-32: planted parts never hide the real ones, wherever they stand', () => {
  const value = randomValue(9_000)
  const own = pairsOf(splitCookie(cookieOf(value)))
  const planted = pairsOf(splitCookie(cookieOf(randomValue(9_000))))
  const junk = ['session_0=', 'session_1=x', 'session_2=.', `session_0=${'x'.repeat(16)}.y`]
  const orders = [
    [...planted, ...own],
    [...own, ...planted],
    own.flatMap((pair, index) => [planted[index] ?? '', pair]),
    own.flatMap((pair, index) => (index % 2 ? [planted[0] ?? '', pair] : [pair, planted[1] ?? ''])),
    [...junk, ...own, ...junk],
    [...own, ...own],
  ]
  for (const order of orders) assert.ok(join(...order).includes(value))
})

test('offers whole cookies first, each of them', () => {
  const value = randomValue(9_000)
  const parts = pairsOf(splitCookie(cookieOf(value)))
  assert.deepEqual(join(...parts, 'session=a', 'session=b'), ['a', 'b', value])
})

test('a leftover part of a longer value is passed over', () => {
  const [longer, shorter] = [randomValue(12_000), randomValue(6_000)]
  const leftovers = pairsOf(splitCookie(cookieOf(longer))).slice(2)
  assert.deepEqual(join(...pairsOf(splitCookie(cookieOf(shorter))), ...leftovers), [shorter])
})

test('reads no part beyond the tenth', () => {
  const mark = 'm'.repeat(16)
  const pairs = Array.from({ length: 11 }, (_, index) => `session_${index}=${mark}.x`)
  assert.deepEqual(shownNames(name, parseCookies(pairs.join('; '))).length, 10)
  assert.deepEqual(join(...pairs.slice(0, 10), `session_10=${mark}.${mark}`), [])
})

test('names what the request shows of the cookie, and nothing else', () => {
  const header = 'session_1=a; session=b; session_csrf=c; session_01=d; xsession=e; session_0_=f'
  assert.deepEqual(shownNames(name, parseCookies(header)), ['session', 'session_1'])
})

test('SEC-28: joins whatever a request can carry without a throw', () => {
  const anyPair = fc.tuple(
    fc.constantFrom('session', 'session_0', 'session_1', 'session_2', 'session_9', 'session_10'),
    fc.oneof(fc.string(), fc.constantFrom('', '.', `${'m'.repeat(16)}.`, `${'m'.repeat(16)}.mm`)),
  )
  fc.assert(
    fc.property(fc.array(anyPair, { maxLength: 60 }), (pairs) => {
      const values = join(...pairs.map(([key, value]) => `${key}=${value}`))
      assert.ok(values.every((value) => typeof value === 'string'))
    }),
  )
})
