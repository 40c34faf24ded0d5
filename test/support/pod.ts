import { loadOptions, type Loaded } from '../../src/config/load.ts'
import { at, type Manifest } from './chart.ts'

interface Mount {
  readonly name: string
  readonly mountPath: string
}

interface Source {
  readonly secret: { readonly items: readonly { readonly key: string; readonly path: string }[] }
}

interface Volume {
  readonly name: string
  readonly configMap?: { readonly name: string }
  readonly projected?: { readonly sources: readonly Source[] }
}

/** The pod's container named `sallyport`. */
export function containerOf(workload: Manifest): Readonly<Record<string, unknown>> {
  const containers = at(workload, 'spec.template.spec.containers') as readonly { name: string }[]
  const found = containers.find(({ name }) => name === 'sallyport')
  if (!found) throw new Error('no container is named sallyport')
  return { ...found }
}

/** Files below the mounts of a Deployment's container, as its ConfigMaps and `secrets` fill them. */
function filesOf(
  manifests: readonly Manifest[],
  workload: Manifest,
  secrets: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const volumes = at(workload, 'spec.template.spec.volumes') as readonly Volume[]
  const files = new Map<string, string>()
  for (const { name, mountPath } of containerOf(workload)['volumeMounts'] as readonly Mount[]) {
    const volume = volumes.find((candidate) => candidate.name === name)
    if (!volume) throw new Error(`no volume is named ${name}`)
    const map = manifests.find(
      ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === volume.configMap?.name,
    )
    for (const [key, text] of Object.entries((map?.['data'] ?? {}) as Record<string, string>)) {
      files.set(`${mountPath}/${key}`, text)
    }
    for (const { secret } of volume.projected?.sources ?? []) {
      for (const { key, path } of secret.items) {
        const text = secrets[key]
        if (text !== undefined) files.set(`${mountPath}/${path}`, text)
      }
    }
  }
  return files
}

/** What Sallyport makes of the configuration that a rendered pod gives it. */
export function optionsInPod(
  manifests: readonly Manifest[],
  workload: Manifest,
  secrets: Readonly<Record<string, string>>,
): Loaded {
  const files = filesOf(manifests, workload, secrets)
  const { args, env = [] } = containerOf(workload) as {
    readonly args: readonly string[]
    readonly env?: readonly { readonly name: string; readonly value?: string }[]
  }
  return loadOptions({
    argv: args,
    env: Object.fromEntries(env.map(({ name, value }) => [name, value])),
    readFile(path) {
      const text = files.get(path)
      if (text === undefined) throw Object.assign(new Error(`ENOENT ${path}`), { code: 'ENOENT' })
      return text
    },
  })
}
