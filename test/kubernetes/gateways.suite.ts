// Traefik reads from a real API server what the chart and manifests/gateways put there, and sends
// its checks to a Sallyport that runs as the installed Deployment says. What stands in: a process of
// this machine for the pod, EndpointSlices by hand for the controller, forwarded ports for
// kube-proxy, a hosts file for DNS.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import { openBrowser } from '../support/browser.ts'
import { parseManifests } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { eventually } from '../support/eventually.ts'
import { startCluster, type Cluster } from '../support/kubernetes/cluster.ts'
import { installCrds } from '../support/kubernetes/crds.ts'
import { createClusterNetwork, type ClusterNetwork } from '../support/kubernetes/network.ts'
import { runPod } from '../support/kubernetes/run-pod.ts'
import { appUrl, authUrl } from '../support/manifests.ts'
import { freePort, waitForPort } from '../support/process.ts'
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
}

/** Cluster, provider, app, and Sallyport as `helm install` put it there; undefined when skipped. */
async function start(t: TestContext): Promise<Site | undefined> {
  const helm = requireComponent(t, 'helm-4')
  const cluster = helm === undefined ? undefined : await startCluster(t)
  const network = cluster && createClusterNetwork(t, cluster)
  if (helm === undefined || !cluster || !network) return undefined
  await installCrds(cluster, 'traefik', 'gateway-api')
  const port = await freePort()
  const [provider, podPort] = [await startProvider(t), await freePort()]
  const data = {
    'client-secret': provider.clientSecret,
    'cookie-secret': '0123456789abcdef0123456789abcdef',
  }
  await cluster.apply(
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    object('v1', 'Secret', 'sallyport', { stringData: data }),
    object('v1', 'Service', 'app', { spec: { ports: [{ name: 'http', port: 8080 }] } }),
  )
  const values = {
    existingSecret: 'sallyport',
    ports: { http: podPort },
    metrics: { enabled: false },
    config: {
      oidc_issuer_url: provider.issuer,
      client_id: provider.clientId,
      redirect_url: `${authUrl({ port })}/oauth2/callback`,
      cookie_domains: ['example.localhost'],
      whitelist_domains: ['.example.localhost:*'],
      cookie_secure: false,
      skip_provider_button: true,
    },
  }
  const install = ['install', 'sallyport', 'charts/sallyport', '-n', namespace, '--values', '-']
  const { status, stderr } = await cluster.run(helm, install, stringify(values))
  assert.equal(status, 0, stderr)
  await runPod(t, cluster, namespace)
  const app = await startSampleApp(t, network.podIp)
  await network.publish({ name: 'sallyport', namespace }, podPort)
  await network.publish({ name: 'app', namespace }, app.port)
  return { port, cluster, network, app }
}

const object = (apiVersion: string, kind: string, name: string, rest: object): object => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...rest,
})

/** Objects of `manifests/gateways/` for the names of this site, over plain http. */
function manifestsOf(path: string, site: Site): readonly object[] {
  const text = readFileSync(`manifests/gateways/${path}`, 'utf8')
    .replaceAll('https://auth.example.com', authUrl(site))
    .replaceAll('example.com', 'example.localhost')
  return parseManifests(text).map(({ metadata, ...rest }) => {
    const spec = { ...(rest['spec'] as object), tls: undefined }
    return { ...rest, metadata: { ...metadata, namespace }, spec }
  })
}

/** Traefik with this provider of the cluster's objects; gone after the test. */
async function startTraefik(t: TestContext, site: Site, provider: string): Promise<void> {
  const traefik = requireComponent(t, 'traefik')
  assert.ok(traefik)
  const running = site.network.start(
    traefik,
    [
      `--entryPoints.websecure.address=127.0.0.1:${site.port}`,
      '--entryPoints.websecure.transport.lifeCycle.graceTimeOut=0s',
      `--providers.${provider}=true`,
      '--log.level=INFO',
    ],
    { KUBECONFIG: site.cluster.kubeconfig },
  )
  await waitForPort(site.port, running)
  await eventually(
    async () => {
      const { status } = await createUserAgent().request(appUrl(site))
      if (status === 404) throw new Error(`no route:\n${running.output()}`)
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

test('Traefik, told by a real API server, asks the installed Sallyport', async (t) => {
  const site = await start(t)
  if (!site) return
  const { cluster } = site

  await t.test('by Middleware and IngressRoute', async (t) => {
    await cluster.apply(
      ...manifestsOf('traefik/middleware.yaml', site),
      ...manifestsOf('traefik/routes.yaml', site),
    )
    await startTraefik(t, site, 'kubernetescrd')
    await assertGuarded(site)
    await assertSignIn(t, site)
  })

  await t.test("by ingress-nginx' annotations of an Ingress", async (t) => {
    const controller = { spec: { controller: 'k8s.io/ingress-nginx' } }
    await cluster.apply(
      object('networking.k8s.io/v1', 'IngressClass', 'nginx', controller),
      ...manifestsOf('nginx/ingress.yaml', site),
    )
    await startTraefik(t, site, 'kubernetesingressnginx')
    await assertGuarded(site)
    await assertSignIn(t, site)
  })

  await t.test('by an HTTPRoute that names the Middleware', async (t) => {
    const gateway = 'gateway.networking.k8s.io/v1'
    const spec = { controllerName: 'traefik.io/gateway-controller' }
    const listener = { name: 'web', port: site.port, protocol: 'HTTP' }
    await cluster.apply(
      object(gateway, 'GatewayClass', 'traefik', { spec }),
      object(gateway, 'Gateway', 'web', {
        spec: { gatewayClassName: 'traefik', listeners: [listener] },
      }),
      object(gateway, 'HTTPRoute', 'app', {
        spec: {
          parentRefs: [{ name: 'web' }],
          hostnames: ['app.example.localhost'],
          rules: [
            {
              filters: [
                {
                  type: 'ExtensionRef',
                  extensionRef: { group: 'traefik.io', kind: 'Middleware', name: 'sallyport' },
                },
              ],
              backendRefs: [{ name: 'app', port: 8080 }],
            },
          ],
        },
      }),
      object(gateway, 'HTTPRoute', 'sallyport', {
        spec: {
          parentRefs: [{ name: 'web' }],
          hostnames: ['auth.example.localhost'],
          rules: [{ backendRefs: [{ name: 'sallyport', port: 80 }] }],
        },
      }),
    )
    await startTraefik(t, site, 'kubernetesgateway')
    await assertGuarded(site)
    await assertSignIn(t, site)
  })
})
