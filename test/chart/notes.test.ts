import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, stringify } from 'yaml'
import { at, chartTest, only, parseManifests, withRequired } from '../support/chart.ts'
import { requireComponent } from '../support/components.ts'

/** What `helm install` would print. */
function notesTest(name: string, body: (notes: (values: object) => string) => void): void {
  test(name, (t) => {
    const helm = requireComponent(t, 'helm-4')
    if (helm === undefined) return
    body((values) => {
      const { stdout, stderr } = spawnSync(
        helm,
        ['install', 'sallyport', 'charts/sallyport', '-n', 'auth', '--dry-run=client', '-f', '-'],
        { input: stringify(withRequired(values), { version: '1.1' }), encoding: 'utf8' },
      )
      const [, notes] = stdout.split(/^NOTES:\n/m)
      assert.ok(notes, stderr)
      return notes
    })
  })
}

/** The indented YAML after a line that begins with these words. */
function snippet(notes: string, words: string): unknown {
  const after = notes.slice(notes.indexOf(words))
  const lines = after.split('\n').slice(1)
  const first = lines.findIndex((line) => line.startsWith('  '))
  const rest = lines.slice(first)
  const end = rest.findIndex((line) => line !== '' && !line.startsWith('  '))
  return parse((end === -1 ? rest : rest.slice(0, end)).join('\n'))
}

const portal = { host: 'auth.example.com' }

notesTest('annotations of ingress-nginx, ready to paste, are those of the example', (notes) => {
  const text = notes({ portal, namespaceOverride: 'sallyport', gateway: 'ingress-nginx' })
  const example = parseManifests(readFileSync('manifests/gateways/nginx/ingress.yaml', 'utf8'))
  const annotations = snippet(text, 'To guard an app behind ingress-nginx')
  assert.deepEqual(annotations, example[0]?.metadata.annotations)
})

notesTest('a middleware of Traefik, ready to paste, is that of the example', (notes) => {
  const text = notes({ portal, namespaceOverride: 'sallyport', gateway: 'traefik' })
  const example = parseManifests(readFileSync('manifests/gateways/traefik/middleware.yaml', 'utf8'))
  assert.deepEqual(
    at(snippet(text, 'To guard an app behind Traefik'), 'spec'),
    example[0]?.['spec'],
  )
})

notesTest('middlewares that exist are named as Traefik names them', (notes) => {
  const middlewares = [{ name: 'all' }, { name: 'admins', namespace: 'apps' }]
  const text = notes({ portal, gateway: 'traefik', traefik: { middlewares } })
  assert.match(text, /router\.middlewares: auth-all@kubernetescrd$/m)
  assert.match(text, /router\.middlewares: apps-admins@kubernetescrd$/m)
})

notesTest('a SecurityPolicy of Envoy Gateway, and the filter of the Gateway API', (notes) => {
  const policy = snippet(
    notes({ portal, gateway: 'envoy-gateway' }),
    'To guard an app behind Envoy',
  )
  assert.equal(at(policy, 'spec.extAuth.http.path'), '/oauth2/check/envoy')
  assert.equal(at(policy, 'spec.extAuth.failOpen'), false)
  const gatewayApi = { portal, namespaceOverride: 'sallyport', gateway: 'gateway-api' }
  const route = snippet(notes(gatewayApi), 'To guard an app by the')
  const [cilium] = parseManifests(readFileSync('manifests/gateways/cilium/httproute.yaml', 'utf8'))
  assert.deepEqual(at(route, 'filters'), at(cilium, 'spec.rules.0.filters'))
  assert.doesNotMatch(notes({ portal }), /ExternalAuth/)
  assert.match(notes({ portal, gatewayApi: { externalAuth: true } }), /ExternalAuth/)
})

notesTest('with a certificate, who asks asks over TLS, and its name is said', (notes) => {
  const text = notes({ portal, tls: { secretName: 'tls' }, gateway: 'ingress-nginx' })
  const host = 'sallyport.auth.svc.cluster.local'
  assert.ok(text.includes(`auth-url: https://${host}/oauth2/auth\n`), text)
  assert.ok(text.includes(`The certificate in the Secret tls has to be for ${host}.`))
})

notesTest('what is still to do is said', (notes) => {
  const todo = notes({})
  assert.match(todo, /The host auth\.example\.com is made up: add --set portal\.host=/)
  assert.match(todo, /config\.cookie_domains=/)
  assert.match(todo, /Everyone whom the provider knows may pass/)
  const config = { cookie_domains: ['example.com'], email_domains: ['example.com'] }
  const done = notes({ portal, config })
  assert.doesNotMatch(done, /made up|config\.cookie_domains|Everyone/)
  assert.match(
    done,
    /redirect URL at https:\/\/id\.example\.com: https:\/\/auth\.example\.com\/oauth2\/callback/,
  )
})

notesTest('the portal is where the redirect URL is', (notes) => {
  const config = { redirect_url: 'https://login.example.com/auth/callback', proxy_prefix: '/auth' }
  assert.match(notes({ config }), /auth-signin: https:\/\/login\.example\.com\/auth\/start$/m)
})

chartTest('the gateway is the one that the cluster has, or the one asked for', (render) => {
  const gateway = (api: string, values: object = {}): unknown => {
    const data = { gateway: '{{ include "sallyport.gateway" . }}' }
    const probe = { apiVersion: 'v1', kind: 'Probe', metadata: { name: 'gateway' }, data }
    const manifests = render({ extraObjects: [probe], ...values }, ['--api-versions', api])
    return at(only(manifests, 'Probe'), 'data.gateway')
  }
  assert.equal(gateway('traefik.io/v1alpha1'), 'traefik')
  assert.equal(gateway('gateway.envoyproxy.io/v1alpha1'), 'envoy-gateway')
  assert.equal(gateway('apps/v1'), 'ingress-nginx')
  assert.equal(gateway('traefik.io/v1alpha1', { gateway: 'gateway-api' }), 'gateway-api')
})
