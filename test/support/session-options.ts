import { Secret } from '../../src/lib/secret.ts'
import type { SessionStoreOptions } from '../../src/session/session-store-options.ts'

/** Options of a session store as Sallyport's defaults have them; a test names what it is about. */
export function sessionOptions(changes: Partial<SessionStoreOptions> = {}): SessionStoreOptions {
  return {
    session_store_type: 'cookie',
    session_cookie_minimal: false,
    session_idle_timeout: 0,
    cookie_name: '_oauth2_proxy',
    cookie_secret: [new Secret('a cookie secret of 32 bytes here')],
    cookie_domains: [],
    cookie_path: '/',
    cookie_secure: true,
    cookie_httponly: true,
    cookie_samesite: '',
    cookie_expire: 7 * 24 * 3_600_000,
    revocation_max_age: 30_000,
    redis_connection_url: '',
    redis_username: '',
    redis_password: new Secret(''),
    redis_ca_path: '',
    redis_client_cert_path: '',
    redis_client_key_path: '',
    redis_connection_idle_timeout: 0,
    redis_use_sentinel: false,
    redis_sentinel_master_name: '',
    redis_sentinel_username: '',
    redis_sentinel_password: new Secret(''),
    redis_sentinel_connection_urls: [],
    redis_use_cluster: false,
    redis_cluster_connection_urls: [],
    redis_insecure_skip_tls_verify: false,
    session_cache_size: 64,
    session_cache_time: 60_000,
    session_cache_blind_time: 900,
    session_store_grace: 0,
    store_timeout: 1_000,
    ...changes,
  }
}
