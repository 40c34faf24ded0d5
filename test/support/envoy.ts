import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parse, stringify } from 'yaml'
import { requireComponent } from './components.ts'
import { readManifest, type Site } from './manifests.ts'
import { startProcess, temporaryFolder, waitForPort } from './process.ts'

/** What a control plane makes of its own settings, in the words of Envoy's filter. */
export interface CheckSettings {
  readonly pathPrefix: string
  /** Headers of the client that the check gets. */
  readonly allowedHeaders: readonly string[]
  /** Headers of an allow that the app gets. */
  readonly upstreamHeaders: readonly string[]
}

interface ExtAuthz {
  allowed_headers: object
  http_service: { path_prefix: string; authorization_response: object }
}

/**
 * Runs Envoy with `manifests/gateways/envoy/envoy.yaml`. `limits` is a query that becomes a segment
 * of the check's path. Undefined when the test was skipped because this machine has no Envoy.
 */
export async function startEnvoy(
  t: TestContext,
  site: Site,
  limits = '',
): Promise<{ log(): string } | undefined> {
  const prefix = '/oauth2/check/envoy'
  const path = limits === '' ? prefix : limits.replace('?', `${prefix}-with/`)
  return run(t, site, envoyYaml(site).replace(`path_prefix: ${prefix}`, `path_prefix: ${path}`))
}

/** The same with the settings of a control plane, which knows no client headers on success. */
export async function startEnvoyWith(
  t: TestContext,
  site: Site,
  { pathPrefix, allowedHeaders, upstreamHeaders }: CheckSettings,
): Promise<{ log(): string } | undefined> {
  const config = parse(envoyYaml(site)) as object
  const filter = extAuthz(config)
  filter.allowed_headers = patterns(allowedHeaders)
  filter.http_service.path_prefix = pathPrefix
  filter.http_service.authorization_response = {
    allowed_upstream_headers: patterns(upstreamHeaders),
  }
  return run(t, site, stringify(config))
}

function envoyYaml(site: Site): string {
  const loopback = (port: number): string => `{ address: 127.0.0.1, port_value: ${port} }`
  return readManifest('envoy/envoy.yaml', site)
    .replace('{ address: 0.0.0.0, port_value: 8080 }', loopback(site.port))
    .replace('{ address: app, port_value: 8080 }', loopback(site.app))
    .replace('{ address: sallyport, port_value: 4180 }', loopback(site.sallyport))
}

function extAuthz(config: object): ExtAuthz {
  const found = find(config, 'envoy.filters.http.ext_authz')
  if (!found) throw new Error('envoy.yaml has no ext_authz filter')
  return found
}

/** The `typed_config` of the filter with this name, wherever it is. */
function find(node: unknown, name: string): ExtAuthz | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if ('name' in node && node.name === name && 'typed_config' in node) {
    return node.typed_config as ExtAuthz
  }
  return Object.values(node)
    .map((child) => find(child, name))
    .find((child) => child !== undefined)
}

function patterns(names: readonly string[]): object {
  return { patterns: names.map((name) => ({ exact: name, ignore_case: true })) }
}

async function run(
  t: TestContext,
  site: Site,
  config: string,
): Promise<{ log(): string } | undefined> {
  const envoy = requireComponent(t, 'envoy')
  if (envoy === undefined) return undefined
  const file = join(temporaryFolder(t), 'envoy.yaml')
  writeFileSync(file, config)
  const flags = '--disable-hot-restart --concurrency 1 --log-level warning'
  const running = startProcess(t, envoy, ['--config-path', file, ...flags.split(' ')])
  await waitForPort(site.port, running)
  return { log: () => running.output() }
}
