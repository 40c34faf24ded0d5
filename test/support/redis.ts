import { once } from 'node:events'
import type { TestContext } from 'node:test'
import { Redis } from 'ioredis'
import { afterTest } from './cleanup.ts'
import { requireComponent } from './components.ts'
import {
  freePort,
  startProcess,
  temporaryFolder,
  waitForPort,
  type RunningProcess,
} from './process.ts'
import { makeRedisCertificates, type RedisCertificates } from './redis-certificates.ts'

export interface RunningRedis {
  readonly port: number
  /** `redis[s]://[:password@]127.0.0.1:port` */
  readonly url: string
  /** The CA that signed all certificates, and one for a client; empty without TLS. */
  readonly caPath: string
  readonly clientCertPath: string
  readonly clientKeyPath: string
  /** A client of the test's own, closed after it. */
  client(): Promise<Redis>
  stop(): Promise<void>
  /** On the same port, with nothing kept unless it is `persistent`. */
  restart(args?: readonly string[]): Promise<void>
  /** As a server that hangs: connections stay, nothing is answered. */
  freeze(): void
  thaw(): void
}

export interface RedisSetup {
  /** `mutual`: clients must show a certificate, too, as they must with certificates of the test's. */
  readonly tls?: boolean | 'mutual' | RedisCertificates
  readonly password?: string
  readonly port?: number
  /** Keeps what it holds through a restart (`SAVE` comes first). */
  readonly persistent?: boolean
  /** Further arguments of redis-server. */
  readonly args?: readonly string[]
}

/** A redis-server of the test's own, or undefined when the test was skipped for want of one. */
export async function startRedis(
  t: TestContext,
  { tls = false, password = '', persistent = false, ...setup }: RedisSetup = {},
): Promise<RunningRedis | undefined> {
  const command = requireComponent(t, 'redis-server')
  if (command === undefined) return undefined
  const port = setup.port ?? (await freePort())
  const certificates =
    typeof tls === 'object' ? tls : tls ? await makeRedisCertificates(t) : undefined
  const args = [
    ...(certificates ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)]),
    ...(certificates?.settings.flatMap(([name, value]) => [`--${name}`, value]) ?? []),
    ...(tls === true ? ['--tls-auth-clients', 'no'] : []),
    ...(password === '' ? [] : ['--requirepass', password]),
    ...(setup.args ?? []),
    ...words('--bind 127.0.0.1 --appendonly no --save'),
    '',
  ]
  const kept = persistent ? temporaryFolder(t) : undefined
  let running: RunningProcess

  async function start(further: readonly string[] = []): Promise<void> {
    const cwd = kept ?? temporaryFolder(t)
    running = startProcess(t, command ?? '', [...args, ...further], { cwd })
    await waitForPort(port, running)
  }

  async function client(): Promise<Redis> {
    const redis = new Redis(port, '127.0.0.1', {
      ...(password !== '' && { password }),
      ...(certificates && { tls: certificates.client }),
    })
    // Tests stop servers; a command that fails for it says so.
    redis.on('error', () => {})
    afterTest(t, () => {
      redis.disconnect()
    })
    await once(redis, 'ready')
    return redis
  }

  await start()
  const credentials = password === '' ? '' : `:${encodeURIComponent(password)}@`
  return {
    port,
    url: `${tls ? 'rediss' : 'redis'}://${credentials}127.0.0.1:${port}`,
    caPath: certificates?.caPath ?? '',
    clientCertPath: certificates?.clientCertPath ?? '',
    clientKeyPath: certificates?.clientKeyPath ?? '',
    client,
    stop: async () => {
      await running.stop('SIGKILL')
    },
    restart: async (further) => {
      await running.stop('SIGKILL')
      await start(further)
    },
    freeze: () => {
      running.signal('SIGSTOP')
    },
    thaw: () => {
      running.signal('SIGCONT')
    },
  }
}

function words(text: string): readonly string[] {
  return text.split(' ')
}

/** The key of a stored session, not of its card or of a list that it is in. */
export function isSessionKey(key: string): boolean {
  return /^_oauth2_proxy-[0-9a-f]{64}$/.test(key)
}
