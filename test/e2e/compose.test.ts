// The example for compose with real nginx, Redis and Sallyport. No container engine is asked for:
// their names are this machine's ports, and the tests' own provider stands in for Dex.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse } from 'yaml'
import { startNginx } from '../support/nginx.ts'
import { freePort } from '../support/process.ts'
import { alice, startProvider } from '../support/provider.ts'
import { startRedis } from '../support/redis.ts'
import { startSallyport } from '../support/sallyport.ts'
import { startSampleApp } from '../support/sample-app.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

const read = (path: string): string => readFileSync(path, 'utf8')

interface Compose {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly image?: string
        readonly volumes?: readonly string[]
        readonly environment?: Readonly<Record<string, string>>
        readonly depends_on?: object
      }
    >
  >
}

test('a person signs in through the example for compose, and the app learns who it is', async (t) => {
  const port = await freePort()
  const [redis, provider, app] = [
    await startRedis(t),
    await startProvider(t),
    await startSampleApp(t),
  ]
  if (!redis) return
  const { authorization_endpoint, token_endpoint, jwks_uri, userinfo_endpoint } = (await (
    await fetch(`${provider.issuer}/.well-known/openid-configuration`)
  ).json()) as Record<string, string>

  const config = read('examples/compose/sallyport.toml')
    // Unlike Dex, this provider signs with ES256, and has the e-mail address in its userinfo only.
    .concat(`profile_url = "${String(userinfo_endpoint)}"\noidc_enabled_signing_algs = ["ES256"]\n`)
    .replace('":4180"', '"127.0.0.1:0"')
    .replace('redis://redis:6379', redis.url)
    .replace('http://localhost:8080/dex/auth', String(authorization_endpoint))
    .replace('http://dex:5556/dex/token', String(token_endpoint))
    .replace('http://dex:5556/dex/keys', String(jwks_uri))
    .replace('http://localhost:8080/dex', provider.issuer)
    .replace('client_id = "sallyport"', `client_id = "${provider.clientId}"`)
    .replaceAll('localhost:8080', `localhost:${port}`)
  const sallyport = await startSallyport(t, config, {
    env: {
      OAUTH2_PROXY_COOKIE_SECRET: '0123456789abcdef0123456789abcdef',
      OAUTH2_PROXY_CLIENT_SECRET: provider.clientSecret,
    },
  })

  const nginx = read('examples/compose/nginx.conf')
    .replace('listen 8080', `listen 127.0.0.1:${port}`)
    .replaceAll('http://sallyport:4180', `http://127.0.0.1:${sallyport.port}`)
    .replaceAll('http://app:80', `http://127.0.0.1:${app.port}`)
    .replaceAll('http://dex:5556', new URL(provider.issuer).origin)
  if (!(await startNginx(t, 'newer', port, nginx))) return

  const agent = createUserAgent()
  const landed = await signIn(agent, `http://localhost:${port}/deep?x=1`)
  assert.equal(landed.status, 200)
  assert.equal(landed.url, `http://localhost:${port}/deep?x=1`)
  assert.equal(app.requests.at(-1)?.headers['x-auth-request-email'], alice.email)
})

test('the services are those that the configurations name, each image has a tag, no secret is known', () => {
  const { services } = parse(read('docker-compose.yaml')) as Compose
  const named = ['sallyport.toml', 'nginx.conf']
    .map((name) => read(`examples/compose/${name}`))
    .join('\n')
    .matchAll(/\b(?:http|redis):\/\/([a-z]+):\d+/g)
  const names = new Set(
    [...named].map(([, name = '']) => name).filter((name) => name !== 'localhost'),
  )
  for (const name of names) assert.ok(name in services, name)
  for (const { image, volumes = [], environment = {} } of Object.values(services)) {
    if (image !== undefined) assert.match(image, /:v?\d+\.\d+[\w.-]*$/)
    for (const volume of volumes) assert.ok(read(String(volume.split(':')[0])).length > 0)
    for (const value of Object.values(environment)) assert.match(value, /^\$\{\w+_SECRET:\?/)
  }
})
