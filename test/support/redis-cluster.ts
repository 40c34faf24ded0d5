import type { TestContext } from 'node:test'
import type { Redis } from 'ioredis'
import { eventually } from './eventually.ts'
import { freePort } from './process.ts'
import { startRedis, type RunningRedis } from './redis.ts'
import type { RedisCertificates } from './redis-certificates.ts'

export interface ClusterNode {
  readonly server: RunningRedis
  readonly client: Redis
  readonly id: string
  readonly busPort: number
}

export interface RunningCluster {
  /** Of its first node. */
  readonly url: string
  readonly masters: readonly ClusterNode[]
  /** Resolves when all nodes know it. */
  join(): Promise<ClusterNode | undefined>
  /** A node that follows this one, and has all its data. */
  replicaOf(master: ClusterNode): Promise<ClusterNode | undefined>
  /** Moves one slot and all its keys, as `redis-cli --cluster reshard` does. */
  moveSlot(slot: number, from: ClusterNode, to: ClusterNode): Promise<void>
}

const slotCount = 16_384

async function meet(node: ClusterNode, other: ClusterNode): Promise<void> {
  await node.client.call('CLUSTER', 'MEET', '127.0.0.1', other.server.port, other.busPort)
}

interface ClusterSetup {
  /** Over TLS. */
  readonly certificates?: RedisCertificates | undefined
  /** Milliseconds of silence after which a node counts as dead. */
  readonly nodeTimeoutMs?: number
}

/** Three masters that share all slots. */
export async function startRedisCluster(
  t: TestContext,
  { certificates, nodeTimeoutMs = 1500 }: ClusterSetup = {},
): Promise<RunningCluster | undefined> {
  const nodes: ClusterNode[] = []

  async function start(): Promise<ClusterNode | undefined> {
    const busPort = await freePort()
    const args =
      `--cluster-enabled yes --cluster-node-timeout ${nodeTimeoutMs} --cluster-port ${busPort}`.split(
        ' ',
      )
    // A master without slots stays one.
    args.push('--cluster-allow-replica-migration', 'no')
    const server = await startRedis(t, { args, tls: certificates ?? false })
    if (!server) return undefined
    const client = await server.client()
    const node = { server, client, busPort, id: await client.cluster('MYID') }
    nodes.push(node)
    return node
  }

  /** Each node knows all others, and none is missing a slot. */
  async function agreed(): Promise<void> {
    await eventually(async () => {
      for (const { client } of nodes) {
        const info = await client.cluster('INFO')
        const isWhole =
          info.includes('cluster_state:ok') && info.includes(`cluster_known_nodes:${nodes.length}`)
        if (!isWhole) throw new Error(info)
      }
    })
  }

  async function join(): Promise<ClusterNode | undefined> {
    const [first] = nodes
    const node = await start()
    if (!node || !first) return undefined
    await meet(node, first)
    await agreed()
    return node
  }

  const masters: ClusterNode[] = []
  for (let index = 0; index < 3; index += 1) {
    const node = await start()
    if (!node) return undefined
    masters.push(node)
    const bounds = [index, index + 1].map((part) => Math.round((part * slotCount) / 3))
    await node.client.call('CLUSTER', 'ADDSLOTSRANGE', bounds[0] ?? 0, (bounds[1] ?? 0) - 1)
    await node.client.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1)
    if (masters[0] && index > 0) await meet(node, masters[0])
  }
  await agreed()

  return {
    url: masters[0]?.server.url ?? '',
    masters,
    join,
    async replicaOf(master) {
      const node = await join()
      if (!node) return undefined
      await eventually(() => node.client.cluster('REPLICATE', master.id))
      await eventually(async () => {
        const info = await master.client.info('replication')
        if (!/slave0:.*state=online/.test(info)) throw new Error(info)
      })
      return node
    },
    async moveSlot(slot, from, to) {
      await to.client.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id)
      await from.client.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id)
      for (;;) {
        const keys = (await from.client.call('CLUSTER', 'GETKEYSINSLOT', slot, 10)) as string[]
        if (keys.length === 0) break
        const { port } = to.server
        await from.client.call('MIGRATE', '127.0.0.1', port, '', 0, 5000, 'KEYS', ...keys)
      }
      await to.client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
      for (const { client } of [from, ...masters]) {
        await client.call('CLUSTER', 'SETSLOT', slot, 'NODE', to.id)
      }
    },
  }
}
