import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { at, chartTest, only, parseManifests, type Manifest } from '../support/chart.ts'

const targetRefs = [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', name: 'app' }]

/** The example of a gateway, for release `sallyport` in namespace `sallyport`. */
function example(path: string, kind: string): Manifest {
  return only(parseManifests(readFileSync(`manifests/gateways/${path}`, 'utf8')), kind)
}

chartTest('the Traefik middleware is that of the example', (render) => {
  const middleware = only(
    render({ namespaceOverride: 'sallyport', traefik: { middlewares: [{ name: 'sallyport' }] } }),
    'Middleware',
  )
  const written = example('traefik/middleware.yaml', 'Middleware')
  assert.deepEqual(middleware['spec'], written['spec'])
  assert.deepEqual(middleware.metadata.namespace, written.metadata.namespace)
})

chartTest('middlewares of apps have limits, names and namespaces of their own', (render) => {
  const middlewares = [
    { name: 'all' },
    { name: 'admins', namespace: 'apps', query: 'allowed_groups=admin' },
  ]
  const config = { cookie_name: '__Host-session', proxy_prefix: '/auth' }
  const [all, admins] = render({
    traefik: { middlewares },
    service: { port: 8080 },
    config,
  }).filter(({ kind }) => kind === 'Middleware')
  const url = 'http://sallyport.auth.svc.cluster.local:8080/auth/check/traefik'
  assert.equal(at(all, 'spec.forwardAuth.address'), url)
  assert.equal(at(all, 'metadata.namespace'), 'auth')
  assert.equal(at(admins, 'spec.forwardAuth.address'), `${url}?allowed_groups=admin`)
  assert.equal(at(admins, 'metadata.namespace'), 'apps')
  // The name must be exact: Traefik knows no wildcard here.
  assert.deepEqual(at(admins, 'spec.forwardAuth.addAuthCookiesToResponse'), ['__Host-session'])
})

chartTest('gateways copy the headers that are listed, and no others', (render) => {
  const manifests = render({
    identityHeaders: ['X-Auth-Request-Email', 'X-Auth-Request-Access-Token'],
    traefik: { middlewares: [{ name: 'all' }] },
    envoyGateway: { securityPolicies: [{ name: 'app', targetRefs }] },
  })
  assert.deepEqual(at(only(manifests, 'Middleware'), 'spec.forwardAuth.authResponseHeaders'), [
    'X-Auth-Request-Email',
    'X-Auth-Request-Access-Token',
  ])
  assert.deepEqual(at(only(manifests, 'SecurityPolicy'), 'spec.extAuth.http.headersToBackend'), [
    'x-auth-request-email',
    'x-auth-request-access-token',
  ])
})

chartTest('fields that an older Traefik does not know can be left out', (render) => {
  const traefik = {
    middlewares: [{ name: 'old' }],
    maxResponseBodySize: false,
    preserveLocationHeader: false,
  }
  const forwardAuth = at(only(render({ traefik }), 'Middleware'), 'spec.forwardAuth') as object
  assert.deepEqual(Object.keys(forwardAuth).toSorted(), [
    'addAuthCookiesToResponse',
    'address',
    'authResponseHeaders',
    'trustForwardHeader',
  ])
})

chartTest('the SecurityPolicy asks with the cookie, and never fails open', (render) => {
  const securityPolicies = [{ name: 'app', targetRefs }]
  const manifests = render({ envoyGateway: { securityPolicies } })
  const policy = only(manifests, 'SecurityPolicy')
  assert.deepEqual(at(policy, 'spec.targetRefs'), targetRefs)
  const extAuth = at(policy, 'spec.extAuth')
  assert.equal(at(extAuth, 'failOpen'), false)
  assert.equal(at(extAuth, 'statusOnError'), 503)
  assert.ok((at(extAuth, 'headersToExtAuth') as string[]).includes('cookie'))
  assert.equal(at(extAuth, 'http.path'), '/oauth2/check/envoy')
  assert.deepEqual(at(extAuth, 'http.backendRefs'), [
    { name: 'sallyport', namespace: 'auth', port: 80 },
  ])
  assert.ok(!manifests.some(({ kind }) => kind === 'ReferenceGrant'))
})

chartTest('a policy of another namespace gets its grant; others can be granted', (render) => {
  const securityPolicies = [
    { name: 'a', namespace: 'apps', targetRefs, limits: 'allowed_groups=admin' },
    { name: 'b', namespace: 'apps', targetRefs },
  ]
  const referenceGrants = [{ namespace: 'web', kind: 'HTTPRoute' }]
  const manifests = render({
    envoyGateway: { securityPolicies, statusOnError: false },
    gatewayApi: { referenceGrants },
  })
  const [policy] = manifests.filter(({ kind }) => kind === 'SecurityPolicy')
  const path = '/oauth2/check/envoy-with/allowed_groups=admin'
  assert.equal(at(policy, 'spec.extAuth.http.path'), path)
  assert.equal(at(policy, 'spec.extAuth.statusOnError'), undefined)
  assert.deepEqual(only(manifests, 'ReferenceGrant')['spec'], {
    from: [
      { group: 'gateway.envoyproxy.io', kind: 'SecurityPolicy', namespace: 'apps' },
      { group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'web' },
    ],
    to: [{ group: '', kind: 'Service', name: 'sallyport' }],
  })
})

chartTest('SecurityPolicy and ReferenceGrant are those of the example', (render) => {
  const securityPolicies = [{ name: 'sallyport', namespace: 'apps', targetRefs }]
  const manifests = render({ namespaceOverride: 'sallyport', envoyGateway: { securityPolicies } })
  for (const kind of ['SecurityPolicy', 'ReferenceGrant']) {
    const written = example('envoy-gateway/securitypolicy.yaml', kind)
    assert.deepEqual(only(manifests, kind)['spec'], written['spec'], kind)
  }
})
