// What kube-proxy and the cluster's DNS would do, for the few services of a test.
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { afterTest } from '../cleanup.ts'
import type { Cluster } from './cluster.ts'
import { at } from '../chart.ts'
import { startProcess, temporaryFolder, type RunningProcess } from '../process.ts'

export interface ClusterNetwork {
  /** A private address of this machine, for what would run in pods. */
  readonly podIp: string
  /** Puts `podIp:port` behind every port of the service, its address on this machine, and its name. */
  publish(service: { name: string; namespace: string }, port: number): Promise<void>
  /** Starts a program that knows the names of services; it ends with `t`. */
  start(
    t: TestContext,
    command: string,
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
  ): RunningProcess
}

/** Undefined when the test was skipped: addresses and mounts are root's. */
export function createClusterNetwork(t: TestContext, cluster: Cluster): ClusterNetwork | undefined {
  if (process.getuid?.() !== 0) {
    if (process.env['CI'] === 'true') throw new Error('a network of its own needs root')
    t.skip('only root can give this machine the addresses of services')
    return undefined
  }
  const hosts = join(temporaryFolder(t), 'hosts')
  writeFileSync(hosts, '127.0.0.1 localhost\n')
  const known = new Set<string>()
  const podIp = `10.${randomInt(128, 250)}.${randomInt(256)}.${randomInt(1, 255)}`
  addAddress(t, podIp)

  return {
    podIp,
    async publish({ name, namespace }, port) {
      const service = await cluster.get('service', name, namespace)
      const clusterIp = String(at(service, 'spec.clusterIP'))
      const ports = at(service, 'spec.ports') as readonly { name?: string; port: number }[]
      await cluster.apply({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [podIp], conditions: { ready: true } }],
        ports: ports.map((one) => ({ name: one.name ?? '', port, protocol: 'TCP' })),
      })
      if (!known.has(clusterIp)) addAddress(t, clusterIp)
      known.add(clusterIp)
      for (const one of ports) await forward(t, clusterIp, one.port, podIp, port)
      appendFileSync(hosts, `${clusterIp} ${name}.${namespace}.svc.cluster.local\n`)
      appendFileSync(hosts, `${clusterIp} ${name}.${namespace}.svc ${name}.${namespace} ${name}\n`)
    },
    start(t, command, args, env) {
      const script = 'mount --bind "$0" /etc/hosts && exec "$@"'
      const words = ['--mount', 'sh', '-ec', script, hosts, command, ...args]
      return startProcess(t, 'unshare', words, env ? { env } : {})
    },
  }
}

function addAddress(t: TestContext, address: string): void {
  ip('add', address)
  afterTest(t, () => ip('del', address))
}

function ip(verb: 'add' | 'del', address: string): void {
  const { status, stderr } = spawnSync('ip', ['addr', verb, `${address}/32`, 'dev', 'lo'])
  if (status !== 0) throw new Error(`ip addr ${verb} ${address}: ${stderr?.toString()}`)
}

async function forward(
  t: TestContext,
  fromHost: string,
  fromPort: number,
  host: string,
  port: number,
): Promise<void> {
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(port, host)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  server.listen(fromPort, fromHost)
  await once(server, 'listening')
  afterTest(t, () => {
    server.close()
    for (const socket of open) socket.destroy()
  })
}
