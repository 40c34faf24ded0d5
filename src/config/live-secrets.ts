// Secrets from files of their own, which may change while we run: Kubernetes swaps mounted ones.
import type { Kind } from './kind.ts'
import { adminToken } from './checks/admin.ts'
import { cookieSecrets } from './kinds/cookie-secrets.ts'
import { redisUrl } from './kinds/redis-url.ts'
import { clientSecret, jwt, secret } from './kinds/text.ts'
import type { Options } from './options.ts'
import { rawSecret, type SecretKey } from './sources/secret-files.ts'
import { describeError } from '../core/errors.ts'
import type { Log } from '../core/events.ts'
import type { Secret } from '../lib/secret.ts'
import { watchFiles } from '../lib/watched-files.ts'

type LiveOptions = Pick<
  Options,
  | 'client_secret'
  | 'client_secret_file'
  | 'client_assertion_file'
  | 'cookie_secret'
  | 'cookie_secret_file'
  | 'admin_token'
  | 'admin_token_file'
  | 'redis_password'
  | 'redis_password_file'
  | 'redis_sentinel_password'
  | 'redis_sentinel_password_file'
  | 'redis_connection_url'
  | 'redis_connection_url_file'
>

export interface LiveSecrets {
  clientSecret(): Secret
  /** A JWT in place of the client secret; undefined where there is none. */
  clientAssertion(): Secret | undefined
  /** The first seals, all open. Another list means that they changed. */
  cookieSecrets(): readonly Secret[]
  adminToken(): Secret
  redis(): Pick<LiveOptions, 'redis_password' | 'redis_sentinel_password' | 'redis_connection_url'>
  /** Stops looking at the files. */
  close(): void
}

/**
 * Takes the files' place of secrets that are not given directly. One that breaks later, or holds
 * what would be refused at start, is told once in the log, and the secrets known before stay.
 */
export function createLiveSecrets(deps: {
  readonly options: LiveOptions
  readonly log: Log
  /** How often files are looked at. */
  readonly pollMs?: number
}): LiveSecrets {
  const { options, log } = deps

  function watch<T>(
    key: SecretKey | 'client_assertion',
    path: string,
    kind: Kind<T>,
    onChange: (value: T, previous: T) => void,
  ) {
    if (path === '') return undefined
    return watchFiles({
      paths: [path],
      read: ([content]) => parse(key, content ?? Buffer.of(), kind),
      onChange,
      onFault: (error) =>
        log.error(`${key} kept as it was: its file cannot be used`, {
          path,
          cause: describeError(error),
        }),
      ...(deps.pollMs !== undefined && { pollMs: deps.pollMs }),
    })
  }

  const follow = <T>(key: SecretKey, path: string, kind: Kind<T>) =>
    watch(key, path, kind, () => log.info(`${key} reloaded`))

  const client = follow('client_secret', options.client_secret_file, clientSecret)
  const admin = follow('admin_token', options.admin_token_file, adminToken)
  const redis = follow('redis_password', options.redis_password_file, secret)
  const sentinel = follow('redis_sentinel_password', options.redis_sentinel_password_file, secret)
  const redisAt = follow('redis_connection_url', options.redis_connection_url_file, redisUrl)
  // Kubernetes renews such a token every hour or so: no news.
  const assertion = watch('client_assertion', options.client_assertion_file, jwt, () =>
    log.debug('client_assertion reloaded'),
  )
  const cookie = watch(
    'cookie_secret',
    options.cookie_secret_file,
    cookieSecrets,
    (found, previous) => tellRotation(log, found, previous),
  )

  return {
    clientSecret: () => client?.current() ?? options.client_secret,
    clientAssertion: () => assertion?.current(),
    cookieSecrets: () => cookie?.current() ?? options.cookie_secret,
    adminToken: () => admin?.current() ?? options.admin_token,
    redis: () => ({
      redis_password: redis?.current() ?? options.redis_password,
      redis_sentinel_password: sentinel?.current() ?? options.redis_sentinel_password,
      redis_connection_url: redisAt?.current() ?? options.redis_connection_url,
    }),
    close() {
      const files = [client, assertion, cookie, admin, redis, sentinel, redisAt]
      for (const file of files) file?.close()
    },
  }
}

function tellRotation(log: Log, found: readonly Secret[], previous: readonly Secret[]): void {
  const known = new Set(previous.map((secret) => secret.reveal()))
  const kept = found.filter((secret) => known.has(secret.reveal())).length
  const fields = { secrets: found.length, kept }
  if (kept > 0) log.info('cookie_secret reloaded', fields)
  else log.warn('cookie_secret replaced: no session of before opens any more', fields)
}

/** As at the start; throws an Error that holds nothing of the content. */
function parse<T>(key: SecretKey | 'client_assertion', content: Buffer, kind: Kind<T>): T {
  const raw = rawSecret(key, content.toString())
  if (raw === undefined) throw new Error('is empty')
  const parsed = kind.parse(raw)
  if (parsed.ok) return parsed.value
  throw new Error(parsed.faults.map(({ problem }) => problem).join('; '))
}
