import { option, ourOption, unserved } from '../option.ts'
import { strings } from '../kinds/list.ts'
import { boolean, integer } from '../kinds/scalar.ts'
import { redisUrl } from '../kinds/redis-url.ts'
import { secret, text } from '../kinds/text.ts'

/** Redis as session store. */
export const redisOptions = {
  redis_connection_url: option(redisUrl, {
    default: '',
    help: 'Redis server: `redis://[user:password@]host:port[/db]`, `rediss://` with TLS, `unix:///path`.',
  }),
  redis_connection_url_file: ourOption(text, {
    default: '',
    help: 'File that holds that URL. Used when `redis_connection_url` is empty.',
  }),
  redis_username: option(text, { default: '', help: 'User name; wins over the one in the URL.' }),
  redis_password: option(secret, { default: '', help: 'Password; wins over the one in the URL.' }),
  redis_password_file: ourOption(text, {
    default: '',
    help: 'File that holds the password. Used when `redis_password` is empty.',
  }),
  redis_ca_path: option(text, {
    default: '',
    help: 'File with certificates to trust besides the system ones; switches TLS on.',
  }),
  redis_insecure_skip_tls_verify: option(boolean, {
    default: false,
    help: 'Use TLS but accept any certificate of Redis. Insecure.',
  }),
  redis_connection_idle_timeout: unserved(integer, {
    default: 0,
    help: 'Seconds after which an idle connection closes. One connection is kept alive here.',
  }),
  redis_use_sentinel: unserved(boolean, { default: false, help: 'Find Redis through Sentinel.' }),
  redis_sentinel_password: unserved(secret, { default: '', help: 'Password of the Sentinels.' }),
  redis_sentinel_master_name: unserved(text, { default: '', help: 'Name of the master.' }),
  redis_sentinel_connection_urls: unserved(strings, {
    default: [],
    help: 'URLs of the Sentinels.',
  }),
  redis_use_cluster: unserved(boolean, { default: false, help: 'Redis is a cluster.' }),
  redis_cluster_connection_urls: unserved(strings, {
    default: [],
    help: 'URLs of nodes of the cluster.',
  }),
}
