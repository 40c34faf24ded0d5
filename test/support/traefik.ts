import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { stringify } from 'yaml'
import { requireComponent } from './components.ts'
import { eventually } from './eventually.ts'
import { appUrl, readObjects, type Site } from './manifests.ts'
import { startProcess, temporaryFolder, waitForPort } from './process.ts'
import { createUserAgent } from './user-agent.ts'

interface ForwardAuth {
  readonly address: string
  readonly trustForwardHeader?: boolean | undefined
  readonly authSigninURL?: string
}

interface Middleware {
  readonly metadata: { readonly name: string }
  readonly spec: { readonly forwardAuth: ForwardAuth }
}

interface IngressRoute {
  readonly metadata: { readonly name: 'app' | 'sallyport' }
  readonly spec: {
    readonly routes: readonly {
      readonly match: string
      readonly middlewares?: readonly { readonly name: string }[]
      readonly services: readonly { readonly name: 'app' | 'sallyport' }[]
    }[]
  }
}

/** The part of Traefik's dynamic configuration that tests change. */
export interface DynamicConfig {
  readonly http: {
    readonly middlewares: Readonly<Record<string, object>>
    readonly routers: Readonly<Record<string, { readonly middlewares: readonly string[] }>>
    readonly services: Readonly<Record<string, object>>
  }
}

/**
 * Runs Traefik with `manifests/gateways/traefik/`, which its file provider gets in its own words.
 * `limits` is the query of the check's address; `change` sets the middleware up in another way,
 * `alter` the whole. Undefined when the test was skipped because this machine has no Traefik.
 */
export async function startTraefik(
  t: TestContext,
  site: Site,
  limits = '',
  change: (forwardAuth: ForwardAuth) => ForwardAuth = (forwardAuth) => forwardAuth,
  alter: (config: DynamicConfig) => object = (config) => config,
): Promise<{ log(): string } | undefined> {
  const traefik = requireComponent(t, 'traefik')
  if (traefik === undefined) return undefined
  const file = join(temporaryFolder(t), 'dynamic.yaml')
  const config = dynamicConfig(site, (forwardAuth) =>
    change({ ...forwardAuth, address: `${forwardAuth.address}${limits}` }),
  )
  writeFileSync(file, stringify(alter(config)))
  const running = startProcess(t, traefik, [
    `--entryPoints.websecure.address=127.0.0.1:${site.port}`,
    `--providers.file.filename=${file}`,
    '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=0s',
    '--entryPoints.websecure.http.aliasHeadersStrategy=delete',
    '--log.level=INFO',
  ])
  await waitForPort(site.port, running)
  // It listens before it has read its file.
  await eventually(async () => {
    const { status } = await createUserAgent().request(appUrl(site))
    if (status === 404) throw new Error(`Traefik has no route:\n${running.output()}`)
  })
  return { log: () => running.output() }
}

function dynamicConfig(
  site: Site,
  change: (forwardAuth: ForwardAuth) => ForwardAuth,
): DynamicConfig {
  const middlewares = readObjects('traefik/middleware.yaml', site) as readonly Middleware[]
  const routes = readObjects('traefik/routes.yaml', site) as readonly IngressRoute[]
  return {
    http: {
      middlewares: Object.fromEntries(
        middlewares.map(({ metadata, spec }) => [
          metadata.name,
          { forwardAuth: change(spec.forwardAuth) },
        ]),
      ),
      routers: Object.fromEntries(
        routes.map(
          ({
            metadata,
            spec: {
              routes: [route],
            },
          }) => [
            metadata.name,
            {
              rule: route?.match,
              middlewares: route?.middlewares?.map(({ name }) => name) ?? [],
              service: route?.services[0]?.name,
            },
          ],
        ),
      ),
      services: Object.fromEntries(
        (['app', 'sallyport'] as const).map((name) => [
          name,
          { loadBalancer: { servers: [{ url: `http://127.0.0.1:${site[name]}` }] } },
        ]),
      ),
    },
  }
}
