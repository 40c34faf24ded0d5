import assert from 'node:assert/strict'
import { at, chartTest, only } from '../support/chart.ts'
import { containerOf, optionsInPod } from '../support/pod.ts'

const secrets = { 'cookie-secret': 'a cookie secret of 32 characters', 'client-secret': 'secret' }
const tls = { secretName: 'sallyport-tls' }
const serviceHost = 'sallyport.auth.svc.cluster.local'

chartTest('with a certificate the port of checks speaks TLS, the probes plain HTTP', (render) => {
  const manifests = render({ tls, ports: { http: 4443 } })
  const deployment = only(manifests, 'Deployment')
  const loaded = optionsInPod(manifests, deployment, secrets)
  assert.ok(loaded.ok, JSON.stringify(loaded))
  const { https_address, tls_cert_file, tls_key_file } = loaded.options
  assert.deepEqual(https_address, { kind: 'tcp', host: '', port: 4443 })
  assert.equal(tls_cert_file, '/etc/sallyport/tls/tls.crt')
  assert.equal(tls_key_file, '/etc/sallyport/tls/tls.key')
  const container = containerOf(deployment)
  assert.deepEqual(at(container, 'ports.0'), {
    name: 'https',
    containerPort: 4443,
    protocol: 'TCP',
  })
  assert.deepEqual(at(container, 'readinessProbe.httpGet'), { path: '/ready', port: 'metrics' })
  // A folder, whose files the kubelet renews: no subPath.
  assert.deepEqual((at(container, 'volumeMounts') as object[]).at(-1), {
    name: 'tls',
    mountPath: '/etc/sallyport/tls',
    readOnly: true,
  })
  assert.deepEqual((at(deployment, 'spec.template.spec.volumes') as object[]).at(-1), {
    name: 'tls',
    secret: { secretName: 'sallyport-tls', defaultMode: 0o440 },
  })
})

chartTest('the Service of a certificate has port 443, or the one asked for', (render) => {
  const portsWith = (values: object): unknown =>
    at(only(render(values), 'Service', 'sallyport'), 'spec.ports')
  const https = { name: 'https', targetPort: 'https', protocol: 'TCP', appProtocol: 'https' }
  assert.deepEqual(portsWith({ tls }), [{ ...https, port: 443 }])
  assert.deepEqual(portsWith({ tls, service: { port: 8443 } }), [{ ...https, port: 8443 }])
  const http = { name: 'http', targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }
  assert.deepEqual(portsWith({}), [{ ...http, port: 80 }])
})

chartTest('gateways, network policy and helm test ask the port that speaks TLS', (render) => {
  const manifests = render({
    tls,
    portal: { host: 'auth.example.com' },
    ingress: { enabled: true, annotations: { a: 'b' } },
    httpRoute: { enabled: true, parentRefs: [{ name: 'public' }] },
    traefik: { middlewares: [{ name: 'all' }], caSecretName: 'private-ca' },
    envoyGateway: { securityPolicies: [{ name: 'app', targetRefs: [{ name: 'app' }] }] },
    networkPolicy: { enabled: true, gateways: [{ podSelector: {} }] },
  })
  const ingress = only(manifests, 'Ingress')
  assert.deepEqual(ingress.metadata.annotations, {
    a: 'b',
    'nginx.ingress.kubernetes.io/backend-protocol': 'HTTPS',
  })
  const backend = at(ingress, 'spec.rules.0.http.paths.0.backend.service.port')
  assert.deepEqual(backend, { name: 'https' })
  assert.equal(at(only(manifests, 'HTTPRoute'), 'spec.rules.0.backendRefs.0.port'), 443)
  const forwardAuth = at(only(manifests, 'Middleware'), 'spec.forwardAuth')
  assert.equal(at(forwardAuth, 'address'), `https://${serviceHost}/oauth2/check/traefik`)
  assert.deepEqual(at(forwardAuth, 'tls'), { caSecret: 'private-ca' })
  const extAuth = at(only(manifests, 'SecurityPolicy'), 'spec.extAuth')
  assert.equal(at(extAuth, 'http.backendRefs.0.port'), 443)
  const policy = only(manifests, 'NetworkPolicy')
  assert.deepEqual(at(policy, 'spec.ingress.0.ports'), [{ port: 'https' }])
  const args = at(only(manifests, 'Pod'), 'spec.containers.0.args') as string[]
  assert.equal(args.at(-1), `--url=https://${serviceHost}/ready`)
})

chartTest('an annotation of your own wins, and public authorities are trusted', (render) => {
  const key = 'nginx.ingress.kubernetes.io/backend-protocol'
  const manifests = render({
    tls,
    portal: { host: 'auth.example.com' },
    ingress: { enabled: true, annotations: { [key]: 'AUTO_HTTP' } },
    traefik: { middlewares: [{ name: 'all' }] },
    gatewayApi: { backendTLSPolicy: { enabled: true } },
  })
  assert.equal(only(manifests, 'Ingress').metadata.annotations?.[key], 'AUTO_HTTP')
  assert.equal(at(only(manifests, 'Middleware'), 'spec.forwardAuth.tls'), undefined)
  assert.deepEqual(at(only(manifests, 'BackendTLSPolicy'), 'spec.validation'), {
    hostname: serviceHost,
    wellKnownCACertificates: 'System',
  })
})

chartTest(
  'Traefik is told the name and the authority of the certificate for the portal, too',
  (render) => {
    const key = 'traefik.ingress.kubernetes.io/service.serverstransport'
    const manifests = render({ tls, traefik: { caSecretName: 'private-ca' } })
    assert.deepEqual(only(manifests, 'ServersTransport')['spec'], {
      serverName: serviceHost,
      rootCAs: [{ secret: 'private-ca' }],
    })
    const { annotations } = only(manifests, 'Service', 'sallyport').metadata
    assert.deepEqual(annotations, { [key]: 'auth-sallyport@kubernetescrd' })
    for (const values of [{ tls }, { traefik: { caSecretName: 'private-ca' } }]) {
      const without = render(values)
      assert.ok(!without.some(({ kind }) => kind === 'ServersTransport'))
      assert.equal(only(without, 'Service', 'sallyport').metadata.annotations, undefined)
    }
  },
)

chartTest('a BackendTLSPolicy tells gateways whom to trust, and by which name', (render) => {
  const caCertificateRefs = [{ group: '', kind: 'ConfigMap', name: 'private-ca' }]
  const gatewayApi = { backendTLSPolicy: { enabled: true, caCertificateRefs } }
  assert.deepEqual(only(render({ tls, gatewayApi }), 'BackendTLSPolicy')['spec'], {
    targetRefs: [{ group: '', kind: 'Service', name: 'sallyport' }],
    validation: { hostname: serviceHost, caCertificateRefs },
  })
  assert.ok(!render({ tls }).some(({ kind }) => kind === 'BackendTLSPolicy'))
})
