import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Redis } from 'ioredis'
import { requireComponent } from './components.ts'
import {
  freePort,
  startProcess,
  temporaryFolder,
  waitForPort,
  type Cleanup,
  type RunningProcess,
} from './process.ts'

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
  /** `mutual`: clients must show a certificate, too. */
  readonly tls?: boolean | 'mutual'
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
  const certificates = tls ? await makeCertificates(t, tls) : undefined
  const args = [
    ...(certificates ? ['--port', '0', '--tls-port', String(port)] : ['--port', String(port)]),
    ...(certificates?.args ?? []),
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
    t.after(() => {
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

/** A CA, and what it signed: a certificate of 127.0.0.1 and localhost, and one of a client. */
async function makeCertificates(t: Cleanup, tls: true | 'mutual') {
  const folder = temporaryFolder(t)
  const openssl = async (args: string) => {
    const running = startProcess(t, 'openssl', words(args), { cwd: folder })
    if ((await running.exited) !== 0) throw new Error(running.output())
  }
  writeFileSync(join(folder, 'names.cnf'), 'subjectAltName=IP:127.0.0.1,DNS:localhost')
  const newKey = 'req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes'
  await openssl(`${newKey} -x509 -subj /CN=test-ca -keyout ca.key -out ca.pem`)
  for (const name of ['redis', 'client']) {
    await openssl(`${newKey} -subj /CN=${name} -keyout ${name}.key -out ${name}.csr`)
    await openssl(
      `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial` +
        ` -extfile names.cnf -out ${name}.pem`,
    )
  }
  const file = (name: string) => join(folder, name)
  const read = (name: string) => readFileSync(file(name), 'utf8')
  return {
    caPath: file('ca.pem'),
    clientCertPath: file('client.pem'),
    clientKeyPath: file('client.key'),
    client: { ca: read('ca.pem'), cert: read('client.pem'), key: read('client.key') },
    args: words(
      `--tls-cert-file ${file('redis.pem')} --tls-key-file ${file('redis.key')}` +
        ` --tls-ca-cert-file ${file('ca.pem')} --tls-auth-clients ${tls === 'mutual' ? 'yes' : 'no'}`,
    ),
  }
}

function words(text: string): readonly string[] {
  return text.split(' ')
}

/** The key of a stored session, not of its card or of a list that it is in. */
export function isSessionKey(key: string): boolean {
  return /^_oauth2_proxy-[0-9a-f]{64}$/.test(key)
}
