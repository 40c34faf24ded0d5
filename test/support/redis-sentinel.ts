import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Redis } from 'ioredis'
import { requireComponent } from './components.ts'
import { eventually } from './eventually.ts'
import { freePort, startProcess, temporaryFolder, waitForPort } from './process.ts'
import { startRedis, type RunningRedis } from './redis.ts'
import type { RedisCertificates } from './redis-certificates.ts'

export interface RunningSentinels {
  readonly masterName: string
  readonly sentinelPassword: string
  /** Of the Sentinels, with the credentials of Redis itself. */
  readonly urls: readonly string[]
  readonly master: RunningRedis
  readonly replica: RunningRedis
  /** Resolves when the replica has all that was written to the master. */
  replicated(client: Redis): Promise<void>
}

const masterName = 'sessions'
const sentinelPassword = 'of-the-sentinels'

/** A master, its replica and three Sentinels that agree by two, with passwords; over TLS if asked. */
export async function startSentinels(
  t: TestContext,
  certificates?: RedisCertificates,
): Promise<RunningSentinels | undefined> {
  const command = requireComponent(t, 'redis-server')
  if (command === undefined) return undefined
  const password = 'of-redis'
  const args = ['--masterauth', password, '--repl-diskless-sync-delay', '0']
  const tls = certificates ?? false
  const master = await startRedis(t, { password, tls, args })
  if (!master) return undefined
  const replicaOf = ['--replicaof', `127.0.0.1 ${master.port}`]
  const replica = await startRedis(t, { password, tls, args: [...args, ...replicaOf] })
  if (!replica) return undefined

  const startSentinel = async (): Promise<number> => {
    const port = await freePort()
    const folder = temporaryFolder(t)
    const lines = [
      ...(certificates ? ['port 0', `tls-port ${port}`] : [`port ${port}`]),
      ...(certificates?.settings.map((setting) => setting.join(' ')) ?? []),
      'bind 127.0.0.1',
      `requirepass ${sentinelPassword}`,
      `sentinel sentinel-pass ${sentinelPassword}`,
      `sentinel monitor ${masterName} 127.0.0.1 ${master.port} 2`,
      `sentinel auth-pass ${masterName} ${password}`,
      `sentinel down-after-milliseconds ${masterName} 1000`,
      `sentinel failover-timeout ${masterName} 5000`,
    ]
    writeFileSync(join(folder, 'sentinel.conf'), lines.join('\n'))
    const running = startProcess(t, command, ['sentinel.conf', '--sentinel'], { cwd: folder })
    await waitForPort(port, running)
    return port
  }
  const ports = [await startSentinel(), await startSentinel(), await startSentinel()]

  const client = await master.client()
  await eventually(async () => {
    const info = await client.info('replication')
    if (!/slave0:.*state=online/.test(info)) throw new Error(info)
  })
  await eventually(async () => {
    // They find each other, and the replica, through the master.
    const sentinel = client.duplicate({ port: ports[0] ?? 0, password: sentinelPassword })
    try {
      const found = await sentinel.call('SENTINEL', 'CKQUORUM', masterName)
      const replicas = (await sentinel.call('SENTINEL', 'REPLICAS', masterName)) as unknown[]
      const others = (await sentinel.call('SENTINEL', 'SENTINELS', masterName)) as unknown[]
      if (replicas.length !== 1 || others.length !== 2) throw new Error(String(found))
    } finally {
      sentinel.disconnect()
    }
  })
  return {
    masterName,
    sentinelPassword,
    urls: ports.map((port) => `${tls ? 'rediss' : 'redis'}://:${password}@127.0.0.1:${port}`),
    master,
    replica,
    async replicated(writer) {
      if ((await writer.wait(1, 10_000)) !== 1) throw new Error('the replica is behind')
    },
  }
}
