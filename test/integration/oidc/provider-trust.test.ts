import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import { createProviderTrust, type ProviderTrustOptions } from '../../../src/oidc/provider-trust.ts'
import { buildApp } from '../../support/app.ts'
import { selfSigned } from '../../support/certificate.ts'
import { afterTest, type Cleanup } from '../../support/cleanup.ts'
import { eventually } from '../../support/eventually.ts'
import { temporaryFolder } from '../../support/process.ts'
import { recordedLog } from '../../support/sessions.ts'

/** An https server at `localhost` whose certificate nobody signed, and that certificate in a file. */
async function startSecure(t: Cleanup) {
  const pair = selfSigned(t, 'localhost')
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
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, caPath }
}

async function trusting(t: Cleanup, changes: Partial<ProviderTrustOptions>) {
  const log = recordedLog()
  const options = {
    provider_ca_files: [],
    use_system_trust_store: false,
    ssl_insecure_skip_verify: false,
    ...changes,
  }
  const trust = await createProviderTrust({ options, log })
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
