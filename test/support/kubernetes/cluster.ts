import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import { apiserver } from './build-apiserver.ts'
import type { Manifest } from '../chart.ts'
import { requireComponent } from '../components.ts'
import { eventually } from '../eventually.ts'
import { freePort, startProcess, temporaryFolder, waitForPort } from '../process.ts'

export interface Ran {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A Kubernetes of the test's own: real API server and etcd, no controllers, nothing runs pods. */
export interface Cluster {
  readonly kubeconfig: string
  /** Any program, with this cluster as its Kubernetes. */
  run(command: string, args: readonly string[], input?: string): Promise<Ran>
  /** Throws what kubectl says on failure. */
  kubectl(args: readonly string[], input?: string): Promise<Ran>
  /** Creates or changes objects, on the server's side; unknown fields are errors. */
  apply(...objects: readonly object[]): Promise<void>
  /** An object; throws when there is none. */
  get(kind: string, name: string, namespace: string): Promise<Manifest>
}

/** A running cluster, or undefined when the test was skipped because this machine has none. */
export async function startCluster(t: TestContext): Promise<Cluster | undefined> {
  const [etcd, kubectl] = [requireComponent(t, 'etcd'), requireComponent(t, 'kubectl')]
  if (etcd === undefined || kubectl === undefined || !requireApiserver(t)) return undefined
  const folder = temporaryFolder(t)
  const [token, port] = [randomUUID(), await freePort()]
  await startApiserver(t, folder, token, port, await startEtcd(t, etcd, folder))

  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, describeCluster(port, token))
  const env = { ...process.env, KUBECONFIG: kubeconfig, HELM_CACHE_HOME: folder }

  /** Asynchronous: the servers stop when nobody reads what they log. */
  async function run(command: string, args: readonly string[], input = ''): Promise<Ran> {
    const child = spawn(command, args, { env, timeout: 120_000 })
    child.stdin.end(input)
    const closed = once(child, 'close')
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    const [status] = (await closed) as [number | null]
    return { status, stdout, stderr }
  }
  const cluster: Cluster = {
    kubeconfig,
    run,
    async kubectl(args, input) {
      const ran = await run(kubectl, args, input)
      if (ran.status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${ran.stderr}`)
      return ran
    },
    async apply(...objects) {
      const input = objects.map((object) => stringify(object)).join('---\n')
      await cluster.kubectl(['apply', '--server-side', '--validate=strict', '-f', '-'], input)
    },
    async get(kind, name, namespace) {
      const args = ['get', kind, name, '--namespace', namespace, '-o', 'json']
      return JSON.parse((await cluster.kubectl(args)).stdout) as Manifest
    },
  }
  // It makes its first objects after it is ready.
  await eventually(() => cluster.get('namespace', 'default', 'default'), { timeoutMs: 60_000 })
  return cluster
}

function requireApiserver(t: TestContext): boolean {
  if (existsSync(apiserver)) return true
  if (process.env['CI'] === 'true') throw new Error('kube-apiserver is not built')
  t.skip('kube-apiserver is not built (npm run test:kubernetes builds it)')
  return false
}

/** Its URL. */
async function startEtcd(t: TestContext, etcd: string, folder: string): Promise<string> {
  const [client, peer] = [await freePort(), await freePort()]
  const [url, peerUrl] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`]
  const running = startProcess(t, etcd, [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync',
  ])
  await waitForPort(client, running)
  return url
}

async function startApiserver(
  t: TestContext,
  folder: string,
  token: string,
  port: number,
  etcd: string,
): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = join(folder, 'service-accounts.key')
  writeFileSync(key, privateKey.export({ type: 'pkcs1', format: 'pem' }))
  const tokens = join(folder, 'tokens.csv')
  writeFileSync(tokens, `${token},admin,1,system:masters\n`)
  const running = startProcess(t, apiserver, [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${join(folder, 'pki')}`,
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--token-auth-file=${tokens}`,
    '--authorization-mode=RBAC',
    // Its addresses are put on this machine's loopback interface: those of two clusters differ.
    `--service-cluster-ip-range=10.${randomInt(64, 128)}.${randomInt(256)}.0/24`,
    '--endpoint-reconciler-type=none',
  ])
  await waitForPort(port, running)
}

function describeCluster(port: number, token: string): string {
  const cluster = { server: `https://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true }
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  })
}
