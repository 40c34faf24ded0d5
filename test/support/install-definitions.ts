import { spawnSync } from 'node:child_process'
import {
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { cache, definitions } from './components.ts'

const operator = 'example/prometheus-operator-crd/monitoring.coreos.com_'

/** The definitions that charts, manifests and gateways need, in the Go modules of their projects. */
const modules: Readonly<Record<string, readonly string[]>> = {
  'github.com/traefik/traefik/v3@v3.7.13': [
    'docs/content/reference/dynamic-configuration/traefik.io_*.yaml',
  ],
  'sigs.k8s.io/gateway-api@v1.6.1': ['config/crd/experimental/gateway.networking.k8s.io_*.yaml'],
  'github.com/projectcontour/contour@v1.33.8': ['examples/contour/01-crds.yaml'],
  'github.com/envoyproxy/gateway@v1.9.0': [
    'charts/gateway-helm/charts/crds/crds/generated/gateway.envoyproxy.io_securitypolicies.yaml',
  ],
  'github.com/prometheus-operator/prometheus-operator@v0.92.1': [
    `${operator}servicemonitors.yaml`,
    `${operator}podmonitors.yaml`,
    `${operator}prometheusrules.yaml`,
  ],
}

/** Copies them into the cache, all or none; they come from the Go module proxy. */
export function installDefinitions(): void {
  mkdirSync(cache, { recursive: true })
  const scratch = mkdtempSync(join(cache, 'definitions-'))
  const isComplete = Object.entries(modules).every(([module, files]) => {
    const { status, stdout } = spawnSync('go', ['mod', 'download', '-json', module], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (status !== 0) return false
    const { Dir } = JSON.parse(stdout) as { readonly Dir: string }
    for (const file of globSync([...files], { cwd: Dir })) {
      splitDefinitions(readFileSync(join(Dir, file), 'utf8'), scratch)
    }
    return true
  })
  if (isComplete) renameSync(scratch, definitions)
  else rmSync(scratch, { recursive: true })
}

/** One file for each kind, named `GROUP_KINDS.yaml`; what else a file holds is left out. */
function splitDefinitions(text: string, folder: string): void {
  for (const document of parseAllDocuments(text)) {
    if (document.get('kind') !== 'CustomResourceDefinition') continue
    const group = String(document.getIn(['spec', 'group']))
    const kinds = String(document.getIn(['spec', 'names', 'plural']))
    writeFileSync(join(folder, `${group}_${kinds}.yaml`), document.toString())
  }
}
