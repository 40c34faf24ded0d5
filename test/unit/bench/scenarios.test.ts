import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forOauth2Proxy, scenarios } from '../../bench/scenarios.ts'

test('oauth2-proxy gets each scenario but that of the store it does not have', () => {
  const without = scenarios.filter((scenario) => forOauth2Proxy(scenario) === undefined)
  assert.deepEqual(
    without.map(({ service }) => service),
    ['memory'],
  )
})

test('oauth2-proxy is asked on the one path that it has, by a session of its own', () => {
  for (const scenario of scenarios.flatMap((one) => forOauth2Proxy(one) ?? [])) {
    assert.ok(!['traefik', 'envoy'].includes(scenario.gateway), scenario.name)
    assert.ok(['one', 'spoiled', 'bearer', 'none'].includes(scenario.cookies), scenario.name)
  }
})
