import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { parse } from 'yaml'
import { requireComponent } from './components.ts'
import type { GatewaySite } from './gateway-site.ts'
import { readObjects, type Site } from './manifests.ts'
import { startProcess, temporaryFolder, waitForPort } from './process.ts'
import type { RunningSallyport } from './sallyport.ts'

interface Endpoint {
  readonly endpoint: {
    readonly address: { readonly socket_address: { address: string; port_value: number } }
  }
}

interface Bootstrap {
  readonly static_resources: {
    readonly listeners: readonly {
      readonly address: { readonly socket_address: { address: string; port_value: number } }
    }[]
    readonly clusters: readonly {
      readonly name: 'app' | 'sallyport' | 'sallyport-grpc'
      readonly load_assignment: {
        readonly endpoints: readonly { lb_endpoints: readonly Endpoint[] }[]
      }
    }[]
  }
}

/** Where a Sallyport that runs with `grpc_address` serves it. */
export function grpcPort(running: RunningSallyport): number {
  const line = running.logs().find(({ msg }) => msg === 'listening for gRPC')
  return Number(/:(\d+)$/.exec(String(line?.['address']))?.[1])
}

/** With `transport_socket` as docs/gateways/envoy-grpc.md has it, which names files in this folder. */
export function overTls(folder: string): (file: string) => string {
  const guide = readFileSync('docs/gateways/envoy-grpc.md', 'utf8')
  const [block = ''] = /^transport_socket:\n(?:[ ].*\n)+/m.exec(guide) ?? []
  const { transport_socket } = parse(block.replaceAll('/etc/envoy/sallyport', folder)) as {
    transport_socket: object
  }
  return (file) => {
    const config = JSON.parse(file) as Bootstrap
    const cluster = config.static_resources.clusters.find(({ name }) => name === 'sallyport-grpc')
    Object.assign(cluster ?? {}, { transport_socket })
    return JSON.stringify(config)
  }
}

/**
 * Runs Envoy with `manifests/gateways/envoy-grpc/envoy.yaml`; `replicas` are the ports it asks, by
 * default the site's; `change` breaks the file. Undefined when the test was skipped because this machine has no Envoy.
 */
export async function startEnvoyGrpc(
  t: TestContext,
  site: GatewaySite,
  replicas: readonly number[] = [grpcPort(site.running)],
  change: (file: string) => string = (file) => file,
): Promise<{ log(): string } | undefined> {
  const envoy = requireComponent(t, 'envoy')
  if (envoy === undefined) return undefined
  const file = join(temporaryFolder(t), 'envoy.json')
  writeFileSync(file, change(JSON.stringify(bootstrap(site, replicas))))
  const args = ['-c', file, '--use-dynamic-base-id', '--concurrency', '1', '--log-level', 'warn']
  const running = startProcess(t, envoy, args)
  await waitForPort(site.port, running)
  return { log: () => running.output() }
}

function bootstrap(site: Site, replicas: readonly number[]): Bootstrap {
  const [config] = readObjects('envoy-grpc/envoy.yaml', site) as readonly [Bootstrap]
  const { listeners, clusters } = config.static_resources
  for (const { address } of listeners) {
    Object.assign(address.socket_address, { address: '127.0.0.1', port_value: site.port })
  }
  for (const { name, load_assignment } of clusters) {
    const ports = name === 'sallyport-grpc' ? replicas : [site[name]]
    for (const group of load_assignment.endpoints) group.lb_endpoints = ports.map(toEndpoint)
  }
  return config
}

function toEndpoint(port_value: number): Endpoint {
  return { endpoint: { address: { socket_address: { address: '127.0.0.1', port_value } } } }
}
