import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { at, chartTest, only, parseManifests } from '../support/chart.ts'
import { containerOf, optionsInPod } from '../support/pod.ts'

const secrets = { 'cookie-secret': 'a cookie secret of 32 characters', 'client-secret': 'secret' }
const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'app' }]

chartTest(
  'gRPC has a port of the pod, of the network policy and of a Service of its own',
  (render) => {
    const networkPolicy = { enabled: true, gateways: [{ podSelector: {} }] }
    const manifests = render({ grpc: { enabled: true }, ports: { grpc: 9002 }, networkPolicy })
    const loaded = optionsInPod(manifests, only(manifests, 'Deployment'), secrets)
    assert.ok(loaded.ok, JSON.stringify(loaded))
    assert.deepEqual(loaded.options.grpc_address, { kind: 'tcp', host: '', port: 9002 })
    const ports = containerOf(only(manifests, 'Deployment'))['ports'] as object[]
    assert.deepEqual(ports.at(-1), { name: 'grpc', containerPort: 9002, protocol: 'TCP' })
    assert.deepEqual(at(only(manifests, 'Service', 'sallyport-grpc'), 'spec.ports'), [
      {
        name: 'grpc',
        port: 9002,
        targetPort: 'grpc',
        protocol: 'TCP',
        // Without it a gateway would speak HTTP/1.1.
        appProtocol: 'kubernetes.io/h2c',
      },
    ])
    assert.deepEqual(at(only(manifests, 'NetworkPolicy'), 'spec.ingress.0.ports'), [
      { port: 'http' },
      { port: 'grpc' },
    ])
  },
)

chartTest('gRPC over TLS is served with the Secret, which is mounted whole', (render) => {
  const manifests = render({ grpc: { enabled: true, tlsSecretName: 'grpc-tls-of-ours' } })
  const deployment = only(manifests, 'Deployment')
  const loaded = optionsInPod(manifests, deployment, secrets)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const folder = '/etc/sallyport/grpc-tls'
  assert.equal(loaded.options.grpc_tls_cert_file, `${folder}/tls.crt`)
  assert.equal(loaded.options.grpc_tls_key_file, `${folder}/tls.key`)
  const mounts = containerOf(deployment)['volumeMounts'] as { name: string }[]
  assert.deepEqual(
    mounts.find(({ name }) => name === 'grpc-tls'),
    { name: 'grpc-tls', mountPath: folder, readOnly: true },
  )
  const volumes = at(deployment, 'spec.template.spec.volumes') as { name: string }[]
  assert.deepEqual(
    volumes.find(({ name }) => name === 'grpc-tls'),
    { name: 'grpc-tls', secret: { secretName: 'grpc-tls-of-ours', defaultMode: 0o440 } },
  )
  const service = at(only(manifests, 'Service', 'sallyport-grpc'), 'spec.ports.0') as object
  assert.ok(!('appProtocol' in service), 'a gateway would speak without TLS')
})

chartTest('no gRPC unless asked for', (render) => {
  assert.doesNotMatch(JSON.stringify(render({})), /grpc/)
})

chartTest('a policy over gRPC is that of the example, with its grant', (render) => {
  const securityPolicies = [{ name: 'app', namespace: 'app', protocol: 'grpc', targetRefs }]
  const manifests = render({
    namespaceOverride: 'sallyport',
    grpc: { enabled: true },
    envoyGateway: { securityPolicies, statusOnError: false },
  })
  const example = parseManifests(
    readFileSync('manifests/gateways/envoy-grpc/envoy-gateway.yaml', 'utf8'),
  )
  assert.deepEqual(
    only(manifests, 'SecurityPolicy')['spec'],
    only(example, 'SecurityPolicy')['spec'],
  )
  const granted = at(only(manifests, 'ReferenceGrant'), 'spec.to') as { name: string }[]
  assert.deepEqual(
    granted.map(({ name }) => name),
    ['sallyport', 'sallyport-grpc'],
  )
})

chartTest('limits over gRPC are context extensions', (render) => {
  const limits = 'allowed_groups=admin,staff&allowed_email_domains=example.com'
  const securityPolicies = [{ name: 'app', protocol: 'grpc', targetRefs, limits }]
  const manifests = render({ grpc: { enabled: true }, envoyGateway: { securityPolicies } })
  assert.deepEqual(at(only(manifests, 'SecurityPolicy'), 'spec.extAuth.contextExtensions'), [
    { name: 'allowed_groups', type: 'Value', value: 'admin,staff' },
    { name: 'allowed_email_domains', type: 'Value', value: 'example.com' },
  ])
})
