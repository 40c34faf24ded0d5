// Traefik reads from a real API server what the chart and manifests/gateways put there, and sends
// its checks to a Sallyport that runs as the installed Deployment says. What stands in: a process of
// this machine for the pod, EndpointSlices by hand for the controller, forwarded ports for
// kube-proxy, a hosts file for DNS.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { openBrowser } from '../support/browser.ts'
import { selfSigned } from '../support/certificate.ts'
import { at, parseManifests } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { eventually } from '../support/eventually.ts'
import { startCluster, type Cluster, type Ran } from '../support/kubernetes/cluster.ts'
import { installCrds } from '../support/kubernetes/crds.ts'
import { createClusterNetwork, type ClusterNetwork } from '../support/kubernetes/network.ts'
import { runPod } from '../support/kubernetes/run-pod.ts'
import { appUrl, authUrl } from '../support/manifests.ts'
import { freePort, waitForPort, type RunningProcess } from '../support/process.ts'
import { alice, startProvider } from '../support/provider.ts'
import { startSampleApp, type SampleApp } from '../support/sample-app.ts'
import { submitSignIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

const namespace = 'sallyport'

interface Site {
  readonly port: number
  readonly cluster: Cluster
  readonly network: ClusterNetwork
  readonly app: SampleApp
  readonly pod: RunningProcess
  /** Runs Helm; `values` come on top of those of the installation. */
  helm(args: readonly string[], values?: object): Promise<Ran>
}

/** Cluster, provider, app, and Sallyport as `helm install` put it there; undefined when skipped. */
async function start(t: TestContext): Promise<Site | undefined> {
  const helm4 = requireComponent(t, 'helm-4')
  const cluster = helm4 === undefined ? undefined : await startCluster(t)
  const network = cluster && createClusterNetwork(t, cluster)
  if (helm4 === undefined || !cluster || !network) return undefined
  if (!(await installCrds(t, cluster))) return undefined
  const provider = await startProvider(t)
  const [port, podPort, metricsPort] = [await freePort(), await freePort(), await freePort()]
  const stringData = {
    'client-secret': provider.clientSecret,
    'cookie-secret': '0123456789abcdef0123456789abcdef',
  }
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    object('v1', 'Secret', 'sallyport', { stringData }),
    object('v1', 'Service', 'app', { spec: { ports: [{ name: 'http', port: 8080 }] } }),
  )
  const installed = {
    existingSecret: 'sallyport',
    ports: { http: podPort, metrics: metricsPort },
    metrics: { enabled: false },
    portal: { host: 'auth.example.localhost' },
    config: {
      oidc_issuer_url: provider.issuer,
      client_id: provider.clientId,
      // With the port of the test's gateway, which no other place has.
      redirect_url: `${authUrl({ port })}/oauth2/callback`,
      cookie_domains: ['example.localhost'],
      whitelist_domains: ['.example.localhost:*'],
      cookie_secure: false,
      skip_provider_button: true,
    },
  }
  const helm = (args: readonly string[], values: object = {}): Promise<Ran> =>
    cluster.run(helm4, [...args, '--namespace', namespace], stringify({ ...installed, ...values }))
  const { status, stderr } = await helm(['install', ...release])
  assert.equal(status, 0, stderr)
  const pod = await runPod(t, cluster, namespace)
  const app = await startSampleApp(t, network.podIp)
  await network.publish({ name: 'sallyport', namespace }, podPort)
  await network.publish({ name: 'app', namespace }, app.port)
  return { port, cluster, network, app, pod, helm }
}

const release = ['sallyport', 'charts/sallyport', '--values', '-']

/** The same release with these values: what one gateway needs. */
async function upgrade({ helm }: Site, values: object): Promise<string> {
  const { status, stdout, stderr } = await helm(['upgrade', ...release], values)
  assert.equal(status, 0, stderr)
  return stdout
}

const object = (apiVersion: string, kind: string, name: string, rest: object): object => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...rest,
})

/** The app's object of a file of `manifests/gateways/`, for the names of this site, over plain http. */
function appOf(path: string, site: Site): object {
  const text = readFileSync(`manifests/gateways/${path}`, 'utf8')
    .replaceAll('https://auth.example.com', authUrl(site))
    .replaceAll('example.com', 'example.localhost')
  const app = parseManifests(text).find(({ metadata }) => metadata.name === 'app')
  assert.ok(app, path)
  const spec = { ...(app['spec'] as object), tls: undefined }
  return { ...app, metadata: { ...app.metadata, namespace }, spec }
}

/** Traefik with these providers of the cluster's objects; gone after the test. */
async function startTraefik(
  t: TestContext,
  site: Site,
  ...providers: readonly string[]
): Promise<void> {
  const traefik = requireComponent(t, 'traefik')
  assert.ok(traefik)
  const running = site.network.start(
    t,
    traefik,
    [
      `--entryPoints.websecure.address=127.0.0.1:${site.port}`,
      '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=0s',
      ...providers.map((provider) => `--providers.${provider}=true`),
      '--log.level=INFO',
    ],
    { KUBECONFIG: site.cluster.kubeconfig },
  )
  await waitForPort(site.port, running)
  await eventually(
    async () => {
      for (const url of [appUrl(site), `${authUrl(site)}/oauth2/sign_in`]) {
        const { status } = await createUserAgent().request(url)
        // 500: one provider has told of the route, the other not yet of the middleware.
        if (status === 404 || status === 500)
          throw new Error(`no route for ${url}:\n${running.output()}`)
      }
    },
    { timeoutMs: 30_000 },
  )
}

/** A person signs in on the way to a deep link, with a browser; the app learns who it is. */
async function assertSignIn(t: TestContext, site: Site): Promise<void> {
  const browser = await openBrowser(t)
  if (!browser) return
  const page = await browser.newPage()
  const deepLink = `${appUrl(site)}/deep/link?a=1&b=%20%26`
  await page.goto(deepLink)
  await submitSignIn(page)
  await page.waitForURL(deepLink)
  assert.equal(await page.locator('h1').textContent(), 'Sample app')
  const { headers = {} } = site.app.requests.findLast(({ url }) => url.startsWith('/deep')) ?? {}
  assert.equal(headers['x-auth-request-user'], alice.sub)
  assert.equal(headers['x-auth-request-email'], alice.email)
}

/** Who is not signed in gets nowhere near the app. */
async function assertGuarded(site: Site): Promise<void> {
  const before = site.app.requests.length
  const headers = { accept: 'application/json', 'x-auth-request-email': alice.email }
  const { status } = await createUserAgent().request(`${appUrl(site)}/api`, { headers })
  assert.ok(status === 401 || status === 302, String(status))
  assert.equal(site.app.requests.length, before)
}

const middleware = { middlewares: [{ name: 'sallyport' }] }

test('a real API server: gateways that it tells ask the installed Sallyport', async (t) => {
  const site = await start(t)
  if (!site) return
  const { cluster } = site

  await t.test('helm test passes while it serves', async (t) => {
    const { status, stderr } = await helmTest(t, site)
    assert.equal(status, 0, stderr)
  })

  await t.test("Traefik: the chart's Middleware and Ingress, an app's IngressRoute", async (t) => {
    const ingress = { enabled: true, className: 'traefik' }
    await upgrade(site, { ingress, traefik: middleware, gateway: 'traefik' })
    await cluster.apply(
      object('networking.k8s.io/v1', 'IngressClass', 'traefik', {
        spec: { controller: 'traefik.io/ingress-controller' },
      }),
      appOf('traefik/routes.yaml', site),
    )
    await startTraefik(t, site, 'kubernetescrd', 'kubernetesingress')
    await assertGuarded(site)
    await assertSignIn(t, site)
    await cluster.kubectl(['delete', 'ingressroute', 'app', '--namespace', namespace])
  })

  await t.test(
    "Gateway API: the chart's HTTPRoute, an app's HTTPRoute with its Middleware",
    async (t) => {
      const httpRoute = { enabled: true, parentRefs: [{ name: 'web' }] }
      await upgrade(site, { httpRoute, traefik: middleware })
      const group = 'gateway.networking.k8s.io/v1'
      const listener = { name: 'web', port: site.port, protocol: 'HTTP' }
      const extensionRef = { group: 'traefik.io', kind: 'Middleware', name: 'sallyport' }
      await cluster.apply(
        object(group, 'GatewayClass', 'traefik', {
          spec: { controllerName: 'traefik.io/gateway-controller' },
        }),
        object(group, 'Gateway', 'web', {
          spec: { gatewayClassName: 'traefik', listeners: [listener] },
        }),
        object(group, 'HTTPRoute', 'app', {
          spec: {
            parentRefs: [{ name: 'web' }],
            hostnames: ['app.example.localhost'],
            rules: [
              {
                filters: [{ type: 'ExtensionRef', extensionRef }],
                backendRefs: [{ name: 'app', port: 8080 }],
              },
            ],
          },
        }),
      )
      await startTraefik(t, site, 'kubernetesgateway', 'kubernetescrd')
      await assertGuarded(site)
      await assertSignIn(t, site)
      await cluster.kubectl(['delete', 'httproute', 'app', '--namespace', namespace])
    },
  )

  await t.test("ingress-nginx' annotations as helm status prints them, by Traefik", async (t) => {
    const ingress = { enabled: true, className: 'nginx' }
    const printed = await upgrade(site, { ingress, gateway: 'ingress-nginx' })
    const annotations = Object.fromEntries(
      [...printed.matchAll(/^ +(nginx\.ingress\.kubernetes\.io\/[\w-]+): (.+)$/gm)].map(
        ([, name = '', value = '']) => [
          name,
          value.replace(/^https:.*?(?=\/oauth2)/, authUrl(site)),
        ],
      ),
    )
    assert.equal(Object.keys(annotations).length, 3, printed)
    const app = appOf('nginx/ingress.yaml', site) as { metadata: object }
    await cluster.apply(
      object('networking.k8s.io/v1', 'IngressClass', 'nginx', {
        spec: { controller: 'k8s.io/ingress-nginx' },
      }),
      { ...app, metadata: { ...app.metadata, annotations } },
    )
    await startTraefik(t, site, 'kubernetesingressnginx')
    await assertGuarded(site)
    await assertSignIn(t, site)
  })

  await t.test(
    'with a certificate, Traefik asks over TLS and the probes in plain HTTP',
    async (t) => {
      const [http, metrics] = [await freePort(), await freePort()]
      const { cert, key } = selfSigned(t, `sallyport.${namespace}.svc.cluster.local`)
      const stringData = { 'tls.crt': cert, 'tls.key': key, 'ca.crt': cert }
      await cluster.apply(
        object('v1', 'Secret', 'sallyport-tls', { type: 'kubernetes.io/tls', stringData }),
        appOf('traefik/routes.yaml', site),
      )
      await upgrade(site, {
        tls: { secretName: 'sallyport-tls' },
        ports: { http, metrics },
        ingress: { enabled: true, className: 'traefik' },
        traefik: { ...middleware, caSecretName: 'sallyport-tls' },
      })
      await runPod(t, cluster, namespace)
      await site.network.publish({ name: 'sallyport', namespace }, http)
      await startTraefik(t, site, 'kubernetescrd', 'kubernetesingress')
      await assertGuarded(site)
      await assertSignIn(t, site)
      for (const path of await probePaths(cluster)) {
        const { status } = await createUserAgent().request(`http://127.0.0.1:${metrics}${path}`)
        assert.equal(status, 200, path)
      }
      const { status, stderr } = await helmTest(t, site)
      assert.equal(status, 0, stderr)
    },
  )

  await t.test('helm test fails when it does not serve', async (t) => {
    await site.pod.stop()
    assert.notEqual((await helmTest(t, site)).status, 0)
  })
})

/** What a kubelet would ask of the installed pods. */
async function probePaths(cluster: Cluster): Promise<readonly string[]> {
  const deployment = await cluster.get('deployment', 'sallyport', namespace)
  const container = at(deployment, 'spec.template.spec.containers.0')
  return ['startupProbe', 'livenessProbe', 'readinessProbe'].map((probe) => {
    assert.equal(at(container, `${probe}.httpGet.port`), 'metrics')
    return String(at(container, `${probe}.httpGet.path`))
  })
}

/**
 * `helm test`, with a process of this machine for the pod that the server was given: its arguments,
 * the cluster's names, and its end written into the pod's status as a kubelet does.
 */
async function helmTest(t: TestContext, { cluster, network, helm }: Site): Promise<Ran> {
  const tested = helm(['test', 'sallyport', '--timeout=60s'])
  const pod = await eventually(() => cluster.get('pod', 'sallyport-test', namespace), {
    timeoutMs: 30_000,
  })
  const args = at(pod, 'spec.containers.0.args') as readonly string[]
  const running = network.start(t, process.execPath, ['src/main.ts', ...args])
  const phase = (await running.exited) === 0 ? 'Succeeded' : 'Failed'
  t.diagnostic(`the pod: ${running.output().trim()}`)
  const patch = ['patch', 'pod', 'sallyport-test', '--namespace', namespace, '--subresource=status']
  await cluster.kubectl([
    ...patch,
    '--type=merge',
    '--patch',
    JSON.stringify({ status: { phase } }),
  ])
  return tested
}
