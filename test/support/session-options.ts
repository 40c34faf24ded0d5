import { Secret } from '../../src/lib/secret.ts'
import type { SessionStoreOptions } from '../../src/session/create-session-store.ts'

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
    redis_insecure_skip_tls_verify: false,
    store_timeout: 1_000,
    ...changes,
  }
}
