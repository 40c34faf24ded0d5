import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cache } from '../components.ts'
import type { Cluster } from './cluster.ts'

/** Where projects publish their CRDs as part of a Go module: found without their repositories. */
const modules = {
  // Of the Traefik that tests run, and of the Gateway API that it is built with.
  traefik: {
    module: 'github.com/traefik/traefik/v3@v3.7.13',
    files: 'docs/content/reference/dynamic-configuration/traefik.io_*.yaml',
  },
  'gateway-api': {
    module: 'sigs.k8s.io/gateway-api@v1.6.1',
    files: 'config/crd/standard/gateway.networking.k8s.io_*.yaml',
  },
} as const

/** Teaches the cluster the kinds of these projects; returns once it serves them. */
export async function installCrds(
  cluster: Cluster,
  ...names: readonly (keyof typeof modules)[]
): Promise<void> {
  const files = names.flatMap((name) => {
    const { module, files } = modules[name]
    const folder = moduleFolder(module)
    return globSync(files, { cwd: folder }).map((file) => join(folder, file))
  })
  const text = files.map((file) => readFileSync(file, 'utf8')).join('\n---\n')
  await cluster.kubectl(['apply', '--server-side', '-f', '-'], text)
  await cluster.kubectl(['wait', '--for=condition=Established', '--timeout=60s', 'crd', '--all'])
}

function moduleFolder(module: string): string {
  const { stdout, error } = spawnSync('go', ['mod', 'download', '-json', module], {
    cwd: cache,
    encoding: 'utf8',
  })
  if (error) throw error
  const { Dir, Error: problem } = JSON.parse(stdout) as { Dir?: string; Error?: string }
  if (Dir === undefined) throw new Error(`${module}: ${problem}`)
  return Dir
}
