// The chart in a real API server. No controllers run there, so no Deployment makes pods: the pod of
// its template is given to the server as the controller would, with admission as in any cluster.
import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import { stringify } from 'yaml'
import {
  at,
  helmTemplate,
  only,
  parseManifests,
  requiredValues,
  type Manifest,
} from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'
import { installCrds } from '../support/kubernetes/crds.ts'
import { startCluster, type Cluster, type Ran } from '../support/kubernetes/cluster.ts'

const namespace = 'sallyport'

/** A cluster whose namespace takes restricted pods only. */
async function start(t: TestContext): Promise<Cluster | undefined> {
  const cluster = await startCluster(t)
  const pss = 'pod-security.kubernetes.io'
  const labels = { [`${pss}/enforce`]: 'restricted', [`${pss}/warn`]: 'restricted' }
  await cluster?.apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels },
  })
  return cluster
}

interface Release {
  /** `helm VERB sallyport ...` with the least values and these; fails the test when Helm does. */
  do(verb: string, config?: object, chart?: string): Promise<Ran>
  deployment(): Promise<Manifest>
  configuration(): Promise<string>
}

function createRelease(cluster: Cluster, helm: string): Release {
  return {
    async do(verb, config, chart = 'charts/sallyport') {
      const values = { ...requiredValues, config: { ...requiredValues.config, ...config } }
      const isChanging = verb === 'install' || verb === 'upgrade'
      const args = isChanging ? [chart, '--values', '-'] : []
      const ran = await cluster.run(
        helm,
        [...verb.split(' '), 'sallyport', ...args, '--namespace', namespace],
        isChanging ? stringify(values) : '',
      )
      assert.equal(ran.status, 0, ran.stderr)
      return ran
    },
    deployment: () => cluster.get('deployment', 'sallyport', namespace),
    async configuration() {
      return JSON.stringify((await cluster.get('configmap', 'sallyport', namespace))['data'])
    },
  }
}

const templateOf = async (release: Release): Promise<string> =>
  stringify(at(await release.deployment(), 'spec.template'))
const chartOf = ({ metadata }: Manifest): string | undefined => metadata.labels?.['helm.sh/chart']

test('the chart in a real API server', async (t) => {
  const cluster = await start(t)
  const helm = requireComponent(t, 'helm-4')
  if (!cluster || helm === undefined) return

  for (const name of ['helm-3', 'helm-4'] as const) {
    const helm = requireComponent(t, name)
    if (helm === undefined) return
    await t.test(`installs, upgrades, rolls back and uninstalls: ${name}`, async () => {
      const release = createRelease(cluster, helm)
      const { stderr } = await release.do('install')
      assert.doesNotMatch(stderr, /PodSecurity|deprecated|unknown field/)
      const [installed, first] = [await templateOf(release), await release.configuration()]

      await release.do('upgrade')
      assert.equal(await templateOf(release), installed, 'nothing changed, no pod may')
      await release.do('upgrade', { cookie_expire: '24h' })
      assert.notEqual(await templateOf(release), installed, 'pods have to see the change')
      assert.match(await release.configuration(), /cookie_expire: 24h/)

      await release.do('rollback')
      assert.equal(await templateOf(release), installed)
      assert.equal(await release.configuration(), first)

      await release.do('uninstall')
      assert.deepEqual(await objectsOf(cluster), [])
    })

    await t.test(`upgrades from an earlier version of the chart: ${name}`, async () => {
      const release = createRelease(cluster, helm)
      await release.do('install', {}, 'test/data/chart/sallyport-0.0.1.tgz')
      const earlier = await release.deployment()
      await release.do('upgrade')
      const upgraded = await release.deployment()
      // A selector cannot change: with another one the server would have refused.
      assert.deepEqual(at(upgraded, 'spec.selector'), at(earlier, 'spec.selector'))
      assert.notEqual(chartOf(upgraded), 'sallyport-0.0.1')
      await release.do('rollback')
      assert.equal(chartOf(await release.deployment()), 'sallyport-0.0.1')
      await release.do('uninstall')
    })
  }

  await t.test('its pods are admitted where only restricted pods are', async () => {
    const release = createRelease(cluster, helm)
    await release.do('install')
    const { spec, metadata } = at(await release.deployment(), 'spec.template') as Manifest
    const pod = { apiVersion: 'v1', kind: 'Pod', spec }
    const create = (object: object): Promise<Ran> =>
      cluster.kubectl(['create', '--namespace', namespace, '-f', '-'], stringify(object))

    await create({ ...pod, metadata: { ...metadata, name: 'restricted' } })
    const created = await cluster.get('pod', 'restricted', namespace)
    const mounts = JSON.stringify(at(created, 'spec.containers.0.volumeMounts'))
    assert.doesNotMatch(mounts, /serviceaccount/, 'no token for the API')

    // So is that of helm test.
    const hooks = helmTemplate({ helm, values: requiredValues })
    const tested = only(parseManifests(hooks.text), 'Pod')
    const { name, labels } = tested.metadata
    await create({ ...tested, metadata: { name, labels } })

    // The server does look: the same pod with more rights.
    const hostNetwork = { ...(spec as object), hostNetwork: true }
    const rejected = () => create({ ...pod, metadata: { name: 'host' }, spec: hostNetwork })
    await assert.rejects(rejected, /violates PodSecurity "restricted/)
  })

  if (!(await installCrds(t, cluster))) return
  for (const name of ['auth', 'elsewhere', 'apps', 'admin', 'gateway', 'kustomized']) {
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })
  }
  const files = globSync('charts/sallyport/ci/*-values.yaml')
  assert.ok(files.length > 0)
  for (const file of files) {
    await t.test(`the server takes what the chart makes of ${file}`, async () => {
      // Without hooks: the pod of helm test needs the ServiceAccount that a dry run does not create.
      const { ok, text, error } = helmTemplate({ helm, files: [file], args: ['--no-hooks'] })
      assert.ok(ok, error)
      await dryRun(cluster, text)
    })
  }

  const overlays = globSync('manifests/overlays/*/')
  assert.ok(overlays.length > 0)
  for (const overlay of overlays) {
    await t.test(`the server takes ${overlay}`, async () => {
      const { stdout } = await cluster.kubectl(['kustomize', overlay])
      await dryRun(cluster, stdout.replaceAll('namespace: sallyport', 'namespace: kustomized'))
    })
  }
})

/** All that a server does short of keeping the objects: defaults, validation (CEL too), admission. */
async function dryRun(cluster: Cluster, text: string): Promise<void> {
  const options = ['--server-side', '--dry-run=server', '--validate=strict']
  await cluster.kubectl(['apply', ...options, '-f', '-'], text)
}

/** `kind/name` of all that a release left. */
async function objectsOf(cluster: Cluster): Promise<readonly string[]> {
  const list = ['api-resources', '--verbs=list', '--namespaced', '-o', 'name']
  const kinds = (await cluster.kubectl(list)).stdout.trim().replaceAll('\n', ',')
  const selector = 'app.kubernetes.io/instance=sallyport'
  const get = ['get', kinds, '-l', selector, '-n', namespace, '-o', 'name']
  return (await cluster.kubectl(get)).stdout.split('\n').filter((line) => line !== '')
}
