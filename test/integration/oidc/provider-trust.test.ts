import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test, type TestContext } from 'node:test'
import { createProviderTrust, type ProviderTrustOptions } from '../../../src/oidc/provider-trust.ts'
import type { Environment } from '../../../src/lib/proxy-from-environment.ts'
import { buildApp } from '../../support/app.ts'
import { selfSigned } from '../../support/certificate.ts'
import { afterTest, type Cleanup } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/process.ts'
import { clientOptions } from '../../support/gateway-site.ts'
import { startProvider } from '../../support/provider.ts'
import { startSallyport } from '../../support/sallyport.ts'
import { signIn } from '../../support/sign-in.ts'
import { startTinyproxy } from '../../support/tinyproxy.ts'
import { createUserAgent } from '../../support/user-agent.ts'
import { recordedLog } from '../../support/sessions.ts'

/** An https server of that name whose certificate nobody signed, and that certificate in a file. */
async function startSecure(t: Cleanup, name = 'localhost') {
  const pair = selfSigned(t, name)
  const server = createServer(pair, (incoming, outgoing) => {
    const at = (path: string) => `https://${incoming.headers.host}${path}`
    const metadata = {
      issuer: at(''),
      authorization_endpoint: at('/authorize'),
      token_endpoint: at('/token'),
      jwks_uri: at('/keys'),
    }
    outgoing.setHeader('content-type', 'application/json')
    outgoing.end(JSON.stringify(metadata))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, async () => {
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  })
  const caPath = join(temporaryFolder(t), 'ca.pem')
  writeFileSync(caPath, pair.cert)
  return { url: `https://${name}:${(server.address() as AddressInfo).port}`, caPath }
}

async function trusting(
  t: Cleanup,
  changes: Partial<ProviderTrustOptions>,
  environment: Environment = {},
) {
  const log = recordedLog()
  const options = {
    provider_ca_files: [],
    use_system_trust_store: false,
    ssl_insecure_skip_verify: false,
    ...changes,
  }
  const trust = await createProviderTrust({ options, environment, log })
  afterTest(t, () => trust.close())
  const ask = async (url: string): Promise<number> => {
    const answer = await trust.fetch(url, { method: 'POST', body: new URLSearchParams('a=b') })
    await answer.text()
    return answer.status
  }
  return { ask, log }
}

function isUnknownCertificate({ cause }: Error): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'DEPTH_ZERO_SELF_SIGNED_CERT'
}

test('a provider whose certificate nobody knows is not asked, unless the options say whom to trust', async (t) => {
  const { url, caPath } = await startSecure(t)
  await assert.rejects((await trusting(t, {})).ask(url), isUnknownCertificate)
  const store = await trusting(t, { use_system_trust_store: true })
  await assert.rejects(store.ask(url), isUnknownCertificate)
  for (const changes of [
    { provider_ca_files: [caPath] },
    { provider_ca_files: [caPath], use_system_trust_store: true },
    { ssl_insecure_skip_verify: true },
    { ssl_insecure_skip_verify: true, provider_ca_files: ['/nowhere'] },
  ]) {
    assert.equal(await (await trusting(t, changes)).ask(url), 200, JSON.stringify(changes))
  }
})

test('a file of another authority is trusted alone', async (t) => {
  const { url } = await startSecure(t)
  const { caPath } = await startSecure(t)
  const { ask } = await trusting(t, { provider_ca_files: [caPath], use_system_trust_store: true })
  await assert.rejects(ask(url), isUnknownCertificate)
})

test('the name must be the provider’s also when its certificate is trusted', async (t) => {
  const { url, caPath } = await startSecure(t)
  const { ask } = await trusting(t, { provider_ca_files: [caPath] })
  await assert.rejects(ask(url.replace('localhost', '127.0.0.1')))
})

test('follows the files, and keeps what it trusts while one is broken', async (t) => {
  const [first, second] = [await startSecure(t), await startSecure(t)]
  const path = first.caPath
  const { ask, log } = await trusting(t, { provider_ca_files: [path] })
  const events = () => log.lines.map(({ event }) => event)
  assert.equal(await ask(first.url), 200)
  await assert.rejects(ask(second.url), isUnknownCertificate)
  writeFileSync(path, '-----BEGIN CERTIFICATE-----\n')
  await eventually(() => {
    assert.deepEqual(events(), ['provider_ca_files kept as they were: one cannot be used'])
  })
  assert.equal(await ask(first.url), 200)
  writeFileSync(path, readFileSync(second.caPath))
  await eventually(() => assert.equal(events().at(-1), 'provider_ca_files reloaded'))
  assert.equal(await ask(second.url), 200)
  await assert.rejects(ask(first.url), isUnknownCertificate)
})

test('does not start with a file that is missing or no certificate', async (t) => {
  const path = join(temporaryFolder(t), 'ca.pem')
  const problem = /provider_ca_files cannot be used/
  await assert.rejects(trusting(t, { provider_ca_files: [path] }), problem)
  writeFileSync(path, 'no certificate')
  await assert.rejects(trusting(t, { provider_ca_files: [path] }), problem)
})

test('sign-ins start at a provider of an authority of one’s own', async (t) => {
  const { url, caPath } = await startSecure(t)
  const start = async (flags: readonly string[]) => {
    const { server } = await buildApp(t, [`--oidc-issuer-url=${url}`, ...flags])
    return server.inject({ url: '/oauth2/start?rd=/', headers: { host: 'app.example.com' } })
  }
  assert.equal((await start([])).statusCode, 503)
  const started = await start([`--provider-ca-file=${caPath}`])
  assert.equal(started.statusCode, 302)
  assert.ok(String(started.headers['location']).startsWith(`${url}/authorize?`))
})

/** A name of this machine that is no loopback address, which would be asked directly. */
const nameOfThisMachine = '0.0.0.0'

/** The program, whose provider is reached through the proxy that its environment names. */
async function startBehindProxy(t: TestContext) {
  const proxy = await startTinyproxy(t)
  if (!proxy) return undefined
  const provider = await startProvider(t, { host: nameOfThisMachine })
  const start = (env: Readonly<Record<string, string>>) =>
    startSallyport(t, { ...clientOptions(provider), session_store_type: 'memory' }, { env })
  return { proxy, issuer: provider.issuer, start }
}

test('a person signs in through the proxy that the environment names', async (t) => {
  const behind = await startBehindProxy(t)
  if (!behind) return
  const { proxy, issuer, start } = behind
  const { port, output } = await start({ HTTP_PROXY: proxy.url })
  const at = `http://app.example.com:${port}`
  const landed = await signIn(createUserAgent(), `${at}/oauth2/start?rd=/oauth2/userinfo`)
  assert.equal(landed.status, 200, landed.body)
  assert.match(landed.body, /alice@example.com/)
  assert.deepEqual(
    proxy.requests().toSorted(),
    ['GET /.well-known/openid-configuration', 'GET /jwks', 'POST /token'].map((request) =>
      request.replace(' ', ` ${issuer}`),
    ),
  )
  assert.ok(!output().includes('hunter2'))
})

test('NO_PROXY has the provider asked directly', async (t) => {
  const behind = await startBehindProxy(t)
  if (!behind) return
  const { proxy, start } = behind
  const { url } = await start({ HTTP_PROXY: proxy.url, NO_PROXY: nameOfThisMachine })
  const started = await createUserAgent().request(`${url}/oauth2/start?rd=/`)
  assert.equal(started.status, 302)
  assert.deepEqual(proxy.requests(), [])
})

test('a proxy that lets nobody in is an outage of the provider, and said without the password', async (t) => {
  const behind = await startBehindProxy(t)
  if (!behind) return
  const { proxy, start } = behind
  const { url, line, output } = await start({ HTTP_PROXY: proxy.url.replace('hunter2', 'hunter3') })
  const started = await createUserAgent().request(`${url}/oauth2/start?rd=/`)
  assert.equal(started.status, 503)
  assert.match(await line(/discovery: /), /status 40[17], the body is not JSON/)
  assert.ok(!output().includes('hunter3'))
})

test('the provider behind a proxy needs a certificate like any other', async (t) => {
  const proxy = await startTinyproxy(t)
  if (!proxy) return
  const { url, caPath } = await startSecure(t, nameOfThisMachine)
  const environment = { HTTPS_PROXY: proxy.url }
  await assert.rejects((await trusting(t, {}, environment)).ask(url), isUnknownCertificate)
  const known = await trusting(t, { provider_ca_files: [caPath] }, environment)
  assert.equal(await known.ask(url), 200)
  assert.deepEqual(new Set(proxy.requests()), new Set([`CONNECT ${new URL(url).host}`]))
})
