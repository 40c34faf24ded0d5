import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Cluster } from './cluster.ts'
import { at, type Manifest } from '../chart.ts'
import { startProcess, temporaryFolder, type RunningProcess } from '../process.ts'

interface Volume {
  readonly name: string
  readonly configMap?: { readonly name: string }
  readonly secret?: { readonly secretName: string }
  readonly projected?: {
    readonly sources: readonly {
      readonly secret?: {
        readonly name: string
        readonly items: readonly { readonly key: string; readonly path: string }[]
      }
    }[]
  }
}

interface Container {
  readonly args: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value?: string }[]
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[]
}

/**
 * What a kubelet would do with the pod of Deployment `sallyport`, with the program from source: its
 * ConfigMap and Secrets become files, its arguments and variables are the pod's.
 */
export async function runPod(
  t: TestContext,
  cluster: Cluster,
  namespace: string,
): Promise<RunningProcess> {
  const deployment = await cluster.get('deployment', 'sallyport', namespace)
  const volumes = at(deployment, 'spec.template.spec.volumes') as readonly Volume[]
  const container = at(deployment, 'spec.template.spec.containers.0') as Container
  const root = temporaryFolder(t)
  const inRoot = (text: string): string =>
    text.replaceAll('/etc/sallyport', `${root}/etc/sallyport`)

  for (const { name, mountPath } of container.volumeMounts) {
    const volume = volumes.find((candidate) => candidate.name === name)
    for (const [file, text] of await filesOf(volume, cluster, namespace)) {
      const path = inRoot(join(mountPath, file))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, inRoot(text), { mode: 0o400 })
    }
  }
  const env = Object.fromEntries(
    (container.env ?? []).map(({ name, value = '' }) => [name, inRoot(value)]),
  )
  const args = ['src/main.ts', ...container.args.map(inRoot)]
  const running = startProcess(t, process.execPath, args, { env })
  await running.line(/"msg":"listening"/)
  return running
}

async function filesOf(
  volume: Volume | undefined,
  cluster: Cluster,
  namespace: string,
): Promise<readonly (readonly [string, string])[]> {
  if (volume?.configMap) {
    const { data } = await cluster.get('configmap', volume.configMap.name, namespace)
    return Object.entries(data as Record<string, string>)
  }
  if (volume?.secret) {
    return [...(await secretOf(volume.secret.secretName, cluster, namespace))]
  }
  const files: (readonly [string, string])[] = []
  for (const { secret } of volume?.projected?.sources ?? []) {
    if (!secret) throw new Error(`volume ${volume?.name} has a source that is no Secret`)
    const texts = await secretOf(secret.name, cluster, namespace)
    for (const { key, path } of secret.items) files.push([path, texts.get(key) ?? ''])
  }
  return files
}

async function secretOf(
  name: string,
  cluster: Cluster,
  namespace: string,
): Promise<ReadonlyMap<string, string>> {
  const { data } = (await cluster.get('secret', name, namespace)) as Manifest & {
    readonly data: Readonly<Record<string, string>>
  }
  const entries = Object.entries(data)
  return new Map(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}
