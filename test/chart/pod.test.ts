import assert from 'node:assert/strict'
import { globSync } from 'node:fs'
import { test } from 'node:test'
import {
  at,
  chartTest,
  only,
  render,
  requiredValues,
  requireHelms,
  type Manifest,
} from '../support/chart.ts'
import { containerOf, optionsInPod } from '../support/pod.ts'

const files = globSync('charts/sallyport/ci/*-values.yaml').sort()
const secrets = {
  'cookie-secret': 'a cookie secret of 32 characters',
  'client-secret': 'secret of the client',
  'redis-password': 'secret of redis',
}

test('Sallyport starts with the configuration file, secrets and flags of every pod', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  for (const file of files) {
    const manifests = render({ helm, files: [file] })
    const loaded = optionsInPod(manifests, only(manifests, 'Deployment'), secrets)
    assert.deepEqual(loaded.ok ? [] : loaded.findings, [], file)
  }
})

test('secrets are files: in no environment, ConfigMap or annotation', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const values = {
    ...requiredValues,
    config: {
      ...requiredValues.config,
      session_store_type: 'redis',
      redis_connection_url: 'redis://redis',
    },
    secrets: { redis_password: { name: 'redis', key: 'redis-password' } },
  }
  const manifests = render({ helm, values })
  const deployment = only(manifests, 'Deployment')
  const loaded = optionsInPod(manifests, deployment, secrets)
  assert.ok(loaded.ok)
  assert.equal(loaded.options.client_secret.reveal(), secrets['client-secret'])
  assert.equal(loaded.options.redis_password.reveal(), secrets['redis-password'])
  const names = at(deployment, 'spec.template.spec.volumes.1.projected.sources') as {
    secret: { name: string }
  }[]
  assert.deepEqual(
    names.map(({ secret }) => secret.name),
    ['sallyport', 'sallyport', 'redis'],
  )
  assert.deepEqual(containerOf(deployment)['env'], undefined)
})

chartTest(
  'Sentinel and Cluster are asked at URLs without a password, which is a file',
  (render) => {
    const shared = { session_store_type: 'redis' }
    const optionsWith = (config: object, keys: object): unknown => {
      const manifests = render({ config: { ...shared, ...config }, secrets: keys })
      const loaded = optionsInPod(manifests, only(manifests, 'Deployment'), secrets)
      assert.ok(loaded.ok, JSON.stringify(loaded))
      return loaded.options.redis_password.reveal()
    }
    const redis_password = { key: 'redis-password' }
    const sentinel = {
      redis_use_sentinel: true,
      redis_sentinel_master_name: 'main',
      redis_sentinel_connection_urls: ['redis://sentinel-0:26379', 'redis://sentinel-1:26379'],
    }
    const redis_sentinel_password = { key: 'redis-password' }
    const password = secrets['redis-password']
    assert.equal(optionsWith(sentinel, { redis_password, redis_sentinel_password }), password)
    const cluster = {
      redis_use_cluster: true,
      redis_cluster_connection_urls: 'rediss://node-0:6379',
    }
    assert.equal(optionsWith(cluster, { redis_password }), password)
  },
)

test('pods are as the Pod Security Standard "restricted" wants them, and have no token', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const manifests = render({ helm, values: requiredValues })
  const pod = at(only(manifests, 'Deployment'), 'spec.template.spec')
  assert.equal(at(pod, 'automountServiceAccountToken'), false)
  assert.equal(at(pod, 'securityContext.runAsNonRoot'), true)
  assert.equal(at(pod, 'securityContext.seccompProfile.type'), 'RuntimeDefault')
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) assert.equal(at(pod, field), undefined)
  const context = containerOf(only(manifests, 'Deployment'))['securityContext']
  assert.deepEqual(context, {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  })
  assert.equal(only(manifests, 'ServiceAccount')['automountServiceAccountToken'], false)
})

test('the pods restart for another configuration, and not for another version of the chart', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const template = (values: object): Manifest =>
    at(
      only(render({ helm, values: { ...requiredValues, ...values } }), 'Deployment'),
      'spec.template',
    ) as Manifest
  const plain = template({})
  const other = template({ config: { ...requiredValues.config, cookie_expire: '8h' } })
  assert.notEqual(
    plain.metadata.annotations?.['checksum/config'],
    other.metadata.annotations?.['checksum/config'],
  )
  assert.deepEqual(plain.metadata.labels, {
    'app.kubernetes.io/name': 'sallyport',
    'app.kubernetes.io/instance': 'sallyport',
  })
})

test('a pod serves on before SIGTERM, and has its drain behind it before SIGKILL', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const values = { ...requiredValues, terminationGracePeriodSeconds: 60, preStopSleepSeconds: 10 }
  const manifests = render({ helm, values })
  const deployment = only(manifests, 'Deployment')
  const loaded = optionsInPod(manifests, deployment, secrets)
  assert.ok(loaded.ok)
  assert.equal(loaded.options.shutdown_timeout, 45_000)
  assert.equal(at(containerOf(deployment), 'lifecycle.preStop.sleep.seconds'), 10)
  assert.equal(at(deployment, 'spec.template.spec.terminationGracePeriodSeconds'), 60)
})

test('probes ask a port of their own, at the paths and as the agent that it answers', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const config = { ping_path: '/alive', ready_path: '/able', ping_user_agent: 'kubelet' }
  const values = {
    ...requiredValues,
    config: { ...requiredValues.config, ...config },
    ports: { metrics: 9100 },
    metrics: { enabled: false },
  }
  const manifests = render({ helm, values })
  const container = containerOf(only(manifests, 'Deployment'))
  for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
    assert.equal(at(container, `${probe}.httpGet.port`), 'metrics')
  }
  assert.deepEqual(at(container, 'ports.1'), {
    name: 'metrics',
    containerPort: 9100,
    protocol: 'TCP',
  })
  const loaded = optionsInPod(manifests, only(manifests, 'Deployment'), secrets)
  assert.ok(loaded.ok)
  assert.deepEqual(loaded.options.metrics_address, { kind: 'tcp', host: '', port: 9100 })
  assert.equal(at(container, 'startupProbe.httpGet.path'), '/alive')
  assert.equal(at(container, 'livenessProbe.httpGet.path'), '/alive')
  assert.equal(at(container, 'readinessProbe.httpGet.path'), '/able')
  assert.deepEqual(at(container, 'livenessProbe.httpGet.httpHeaders'), [
    { name: 'User-Agent', value: 'kubelet' },
  ])
})

test('the image is by tag, or by digest; the registry of an umbrella chart wins', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const imageOf = (values: object): unknown =>
    containerOf(only(render({ helm, values: { ...requiredValues, ...values } }), 'Deployment'))[
      'image'
    ]
  const digest = `sha256:${'0a'.repeat(32)}`
  assert.match(String(imageOf({})), /^sallyport\/sallyport:\d+\.\d+\.\d+$/)
  assert.equal(imageOf({ image: { tag: '1.2.3' } }), 'sallyport/sallyport:1.2.3')
  assert.equal(
    imageOf({ image: { tag: '1.2.3', digest }, global: { imageRegistry: 'mirror.example' } }),
    `mirror.example/sallyport/sallyport@${digest}`,
  )
})

test('a certificate authority of your own is a file that Node trusts', (t) => {
  const [helm] = requireHelms(t)
  if (helm === undefined) return
  const values = { ...requiredValues, trustedCA: { secretName: 'private-ca', key: 'root.pem' } }
  const deployment = only(render({ helm, values }), 'Deployment')
  assert.deepEqual(containerOf(deployment)['env'], [
    { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/sallyport/ca/root.pem' },
  ])
  const volumes = at(deployment, 'spec.template.spec.volumes') as {
    name: string
    secret?: object
  }[]
  assert.deepEqual(volumes.find(({ name }) => name === 'ca')?.secret, {
    secretName: 'private-ca',
    defaultMode: 0o440,
  })
})
