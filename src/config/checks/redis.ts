import { error, rule, type Rule } from './rule.ts'

/** How Redis is found: by one URL, through Sentinels, or as a cluster. */
export const redisRules: readonly Rule[] = [
  rule(
    ['session_store_type', 'redis_connection_url', 'redis_use_sentinel', 'redis_use_cluster'],
    ({ session_store_type, redis_connection_url, redis_use_sentinel, redis_use_cluster }) =>
      session_store_type === 'redis' &&
      redis_connection_url === '' &&
      !redis_use_sentinel &&
      !redis_use_cluster &&
      error(
        'redis_connection_url',
        'is required with session_store_type = "redis"',
        'set it or redis_connection_url_file',
      ),
  ),
  rule(
    ['redis_use_sentinel', 'redis_use_cluster'],
    ({ redis_use_sentinel, redis_use_cluster }) =>
      redis_use_sentinel &&
      redis_use_cluster &&
      error('redis_use_sentinel', 'excludes redis_use_cluster', 'set one of them'),
  ),
  rule(
    ['redis_use_sentinel', 'redis_sentinel_connection_urls'],
    ({ redis_use_sentinel, redis_sentinel_connection_urls }) =>
      redis_use_sentinel &&
      redis_sentinel_connection_urls.length === 0 &&
      error(
        'redis_sentinel_connection_urls',
        'is required with redis_use_sentinel',
        'name the Sentinels: ["redis://host:26379", ...]',
      ),
  ),
  rule(
    ['redis_use_sentinel', 'redis_sentinel_master_name'],
    ({ redis_use_sentinel, redis_sentinel_master_name }) =>
      redis_use_sentinel &&
      redis_sentinel_master_name === '' &&
      error(
        'redis_sentinel_master_name',
        'is required with redis_use_sentinel',
        'write the name after `sentinel monitor` in sentinel.conf',
      ),
  ),
  rule(
    ['redis_use_cluster', 'redis_cluster_connection_urls'],
    ({ redis_use_cluster, redis_cluster_connection_urls }) =>
      redis_use_cluster &&
      redis_cluster_connection_urls.length === 0 &&
      error(
        'redis_cluster_connection_urls',
        'is required with redis_use_cluster',
        'name some nodes: ["redis://host:6379", ...]',
      ),
  ),
  rule(
    ['redis_client_cert_path', 'redis_client_key_path'],
    ({ redis_client_cert_path, redis_client_key_path }) =>
      (redis_client_cert_path === '') !== (redis_client_key_path === '') &&
      error(
        'redis_client_cert_path',
        'and redis_client_key_path go together',
        'set both or neither',
      ),
  ),
]
