import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestEvent } from 'node:test/reporters'
import { createGatewayTable } from '../gateway-table.ts'

function event(type: string, name: string, nesting: number, rest: object = {}): TestEvent {
  const file = '/x/test/support/gateway-scenarios.ts'
  return { type, data: { name, nesting, file, ...rest } } as unknown as TestEvent
}

test('one line a gateway, one column a scenario', () => {
  const table = createGatewayTable()
  table.add(event('test:pass', 'sign-in', 1))
  table.add(event('test:fail', 'store down', 1))
  table.add(event('test:fail', 'Caddy', 0))
  table.add(event('test:pass', 'of its own', 0, { file: '/x/test/e2e/gateways/caddy.test.ts' }))
  table.add(event('test:pass', 'elsewhere', 1, { file: '/x/test/e2e/redis.test.ts' }))
  table.add(event('test:pass', 'Missing', 0, { skip: 'not installed' }))
  table.add(event('test:fail', 'Not up', 0))
  table.add(event('test:pass', 'sign-in', 1, { skip: 'not installed' }))
  table.add(event('test:pass', 'Another', 0))
  assert.deepEqual(table.lines(), [
    'gateway  sign-in  store down',
    'Another  skipped  -',
    'Caddy    ok       FAILED',
    'Missing  skipped  skipped',
    'Not up   FAILED   FAILED',
  ])
})

test('no line without a scenario', () => {
  assert.deepEqual(createGatewayTable().lines(), [])
})
