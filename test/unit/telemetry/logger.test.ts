import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createLogger } from '../../../src/telemetry/logger.ts'
import { logLines } from '../../support/log-lines.ts'

const options = { log_level: 'info', standard_logging: true }

test('writes an event as one JSON line with its level, time and fields', () => {
  const destination = logLines()
  createLogger(options, destination).warn('store unavailable', { requestId: 'r1', retries: 2 })
  const { time, ...line } = destination.lines[0] ?? {}
  assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  assert.deepEqual(line, {
    level: 'warn',
    log: 'service',
    requestId: 'r1',
    retries: 2,
    msg: 'store unavailable',
  })
})

test('leaves out fields without a value', () => {
  const destination = logLines()
  createLogger(options, destination).info('started', { port: undefined })
  assert.equal('port' in (destination.lines[0] ?? {}), false)
})

test('writes an event without fields', () => {
  const destination = logLines()
  createLogger(options, destination).error('stopped')
  assert.equal(destination.lines[0]?.['msg'], 'stopped')
})

const levels = ['debug', 'info', 'warn', 'error'] as const

for (const [index, log_level] of levels.entries()) {
  test(`writes events of level ${log_level} and above, no others`, () => {
    const destination = logLines()
    const log = createLogger({ ...options, log_level }, destination)
    for (const level of levels) log[level]('event')
    assert.deepEqual(
      destination.lines.map(({ level }) => level),
      levels.slice(index),
    )
  })
}

test('writes nothing without standard_logging', () => {
  const destination = logLines()
  createLogger({ ...options, standard_logging: false }, destination).error('event')
  assert.deepEqual(destination.lines, [])
})

test('keeps an event that looks like a format string or a line break as it is', () => {
  const destination = logLines()
  createLogger(options, destination).info('100%s\n{"level":"error"}', { host: 'a\r\nb' })
  assert.equal(destination.lines[0]?.['msg'], '100%s\n{"level":"error"}')
  assert.equal(destination.lines[0]?.['host'], 'a\r\nb')
})
