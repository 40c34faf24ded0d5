import { option, ourOption } from '../option.ts'
import { boolean, integer } from '../kinds/scalar.ts'
import { redisUrl, redisUrls } from '../kinds/redis-url.ts'
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
  redis_client_cert_path: ourOption(text, {
    default: '',
    help: 'File with the certificate to show Redis and the Sentinels; switches TLS on.',
  }),
  redis_client_key_path: ourOption(text, {
    default: '',
    help: 'File with the key of that certificate.',
  }),
  redis_connection_idle_timeout: option(integer, {
    default: 0,
    help:
      'Seconds after which a connection is not left idle: oauth2-proxy closes it, Sallyport sends a ' +
      "ping in time. Stay below Redis' own `timeout`. 0 = never.",
  }),
  redis_use_sentinel: option(boolean, {
    default: false,
    help: 'Ask Sentinels which Redis is the master, and follow a failover.',
  }),
  redis_sentinel_master_name: option(text, {
    default: '',
    help: 'Name under which the Sentinels know the master.',
  }),
  redis_sentinel_connection_urls: option(redisUrls, {
    default: [],
    help:
      'URLs of the Sentinels. The last one says what holds for Redis itself: credentials, database, ' +
      'TLS (for the Sentinels too).',
  }),
  redis_sentinel_username: ourOption(text, { default: '', help: 'User name at the Sentinels.' }),
  redis_sentinel_password: option(secret, { default: '', help: 'Password of the Sentinels.' }),
  redis_sentinel_password_file: ourOption(text, {
    default: '',
    help: 'File that holds it. Used when `redis_sentinel_password` is empty.',
  }),
  redis_use_cluster: option(boolean, { default: false, help: 'Redis is a cluster.' }),
  redis_cluster_connection_urls: option(redisUrls, {
    default: [],
    help: 'URLs of some of its nodes. The last one says what holds for all: credentials, TLS.',
  }),
}
