import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findingsOf, loadWith, problems } from './load-with.ts'

const sentinels = {
  session_store_type: 'redis',
  redis_use_sentinel: true,
  redis_sentinel_master_name: 'm',
  redis_sentinel_connection_urls: ['redis://s'],
}
const cluster = {
  session_store_type: 'redis',
  redis_use_cluster: true,
  redis_cluster_connection_urls: ['redis://c'],
}

const refused = [
  [
    { ...sentinels, redis_sentinel_connection_urls: [] },
    'redis_sentinel_connection_urls is required with redis_use_sentinel',
  ],
  [
    { ...sentinels, redis_sentinel_master_name: '' },
    'redis_sentinel_master_name is required with redis_use_sentinel',
  ],
  [
    { ...cluster, redis_cluster_connection_urls: [] },
    'redis_cluster_connection_urls is required with redis_use_cluster',
  ],
  [{ ...sentinels, ...cluster }, 'redis_use_sentinel excludes redis_use_cluster'],
  [
    { redis_client_cert_path: '/tls/client.pem' },
    'redis_client_cert_path and redis_client_key_path go together',
  ],
] as const

for (const [values, problem] of refused) {
  test(`refuses: ${problem}`, () => {
    assert.deepEqual(problems(findingsOf(loadWith(values))), [problem])
  })
}

for (const values of [sentinels, cluster]) {
  test(`takes ${Object.keys(values).join(', ')}`, () => {
    assert.ok(loadWith(values).ok)
  })
}
