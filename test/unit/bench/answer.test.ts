import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAnswer } from '../../bench/answer.ts'

const whole: readonly [name: string, text: string, status: number][] = [
  ['a length', 'HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello', 202],
  ['a length of nothing', 'HTTP/1.0 401 Unauthorized\r\ncontent-length: 0\r\n\r\n', 401],
  [
    'chunks',
    'HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    403,
  ],
  ['chunks of nothing', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 200],
  ['a status without body', 'HTTP/1.1 204 No Content\r\nx: y\r\n\r\n', 204],
]

for (const [name, text, status] of whole) {
  test(`reads an answer with ${name}, and not what follows`, () => {
    const bytes = Buffer.from(`${text}HTTP/1.1 500`)
    assert.deepEqual(readAnswer(bytes), { status, length: text.length })
  })

  test(`waits for the rest of an answer with ${name}`, () => {
    const bytes = Buffer.from(text)
    const early = Array.from(bytes.keys(), (length) => readAnswer(bytes.subarray(0, length)))
    assert.ok(early.every((answer) => answer === undefined))
  })
}

test('refuses an answer whose end it could not see', () => {
  assert.throws(() => readAnswer(Buffer.from('HTTP/1.1 200 OK\r\n\r\nhello')), /only ends with/)
})
