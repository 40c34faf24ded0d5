import assert from 'node:assert/strict'
import { at, chartTest, only } from '../support/chart.ts'
import { optionsInPod } from '../support/pod.ts'

const host = 'auth.example.com'
const secrets = { 'cookie-secret': 'a cookie secret of 32 characters', 'client-secret': 'secret' }

chartTest('no Ingress and no HTTPRoute unless asked for', (render) => {
  const kinds = render({ portal: { host } }).map(({ kind }) => kind)
  assert.ok(!kinds.includes('Ingress') && !kinds.includes('HTTPRoute'))
})

chartTest('the Ingress sends the portal here: class, annotations and certificate', (render) => {
  const ingress = only(
    render({
      portal: { host },
      ingress: { enabled: true, className: 'nginx', tlsSecretName: 'tls', annotations: { a: 'b' } },
    }),
    'Ingress',
  )
  assert.equal(ingress.metadata.annotations?.['a'], 'b')
  assert.deepEqual(ingress['spec'], {
    ingressClassName: 'nginx',
    rules: [
      {
        host,
        http: {
          paths: [
            {
              path: '/oauth2/',
              pathType: 'Prefix',
              backend: { service: { name: 'sallyport', port: { name: 'http' } } },
            },
          ],
        },
      },
    ],
    tls: [{ hosts: [host], secretName: 'tls' }],
  })
})

chartTest('an Ingress without class and certificate names neither', (render) => {
  const ingress = only(render({ portal: { host }, ingress: { enabled: true } }), 'Ingress')
  assert.deepEqual(Object.keys(ingress['spec'] as object), ['rules'])
})

chartTest('the path is that of Sallyport, and in proxy mode all of them', (render) => {
  const pathWith = (config: object): unknown =>
    at(
      only(render({ portal: { host }, ingress: { enabled: true }, config }), 'Ingress'),
      'spec.rules.0.http.paths.0.path',
    )
  assert.equal(pathWith({ proxy_prefix: '/auth' }), '/auth/')
  assert.equal(pathWith({ upstreams: ['http://app:8080/'] }), '/')
})

chartTest('the HTTPRoute attaches to every gateway listed', (render) => {
  const parentRefs = [{ name: 'public', sectionName: 'https' }, { name: 'internal' }]
  const route = only(
    render({ portal: { host }, httpRoute: { enabled: true, parentRefs } }),
    'HTTPRoute',
  )
  assert.deepEqual(at(route, 'spec.parentRefs'), parentRefs)
  assert.deepEqual(at(route, 'spec.hostnames'), [host])
  assert.deepEqual(at(route, 'spec.rules.0.backendRefs'), [{ name: 'sallyport', port: 80 }])
  assert.equal(at(route, 'spec.rules.0.filters'), undefined)
})

chartTest('the HTTPRoute takes names of its own, and filters', (render) => {
  const filters = [{ type: 'RequestHeaderModifier' }]
  const httpRoute = { enabled: true, parentRefs: [{ name: 'public' }], hostnames: ['a.b'], filters }
  const route = only(render({ httpRoute, service: { port: 8080 } }), 'HTTPRoute')
  assert.deepEqual(at(route, 'spec.hostnames'), ['a.b'])
  assert.deepEqual(at(route, 'spec.rules.0.filters'), filters)
  assert.equal(at(route, 'spec.rules.0.backendRefs.0.port'), 8080)
})

chartTest('the host of the portal becomes the redirect URL, unless one is configured', (render) => {
  const redirectUrl = (values: object): string => {
    const manifests = render(values)
    const loaded = optionsInPod(manifests, only(manifests, 'Deployment'), secrets)
    assert.ok(loaded.ok)
    return loaded.options.redirect_url
  }
  assert.equal(redirectUrl({ portal: { host } }), `https://${host}/oauth2/callback`)
  assert.equal(
    redirectUrl({ portal: { host }, config: { proxy_prefix: '/auth', cookie_secure: false } }),
    `http://${host}/auth/callback`,
  )
  const redirect_url = 'https://other.example.com/oauth2/callback'
  assert.equal(redirectUrl({ portal: { host }, config: { redirect_url } }), redirect_url)
  assert.equal(redirectUrl({}), '')
})
