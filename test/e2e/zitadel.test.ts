// The configuration of ZITADEL's guide for oauth2-proxy, character by character but for names,
// addresses and secrets.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Cleanup } from '../support/cleanup.ts'
import { freePort } from '../support/process.ts'
import { alice, startProvider, type RunningProvider } from '../support/provider.ts'
import { eventually } from '../support/eventually.ts'
import { startSallyport, type LogLine, type RunningSallyport } from '../support/sallyport.ts'
import { startSampleApp } from '../support/sample-app.ts'
import { signIn } from '../support/sign-in.ts'
import { createUserAgent } from '../support/user-agent.ts'

const cookieSecret = '0123456789abcdef0123456789abcdef'

async function startFromGuide(
  t: Cleanup,
  provider: RunningProvider,
  { upstream = 'http://127.0.0.1:9', issuer = provider.issuer } = {},
): Promise<RunningSallyport> {
  const config = readFileSync('test/data/zitadel-oauth2-proxy.toml', 'utf8')
    .replaceAll('127.0.0.1:4180', `127.0.0.1:${await freePort()}`)
    .replace('https://issuer.zitadel.ch', issuer)
    .replace('https://example.corp.com', upstream)
    .replace('{ZITADEL_GENERATED_CLIENT_ID}', provider.clientId)
    .replace('{ZITADEL_GENERATED_CLIENT_SECRET}', provider.clientSecret)
    .replace('{SUPPLY_SOME_SECRET_HERE}', cookieSecret)
  return startSallyport(t, config)
}

test('signs a person in and names them to the upstream', async (t) => {
  // Its client may authenticate with BASIC only, as the guide asks for.
  const provider = await startProvider(t)
  const app = await startSampleApp(t)
  const sallyport = await startFromGuide(t, provider, { upstream: app.url })
  const agent = createUserAgent()
  const landed = await signIn(agent, `${sallyport.url}/deep?x=1`)
  assert.equal(landed.status, 200)
  assert.equal(landed.url, `${sallyport.url}/deep?x=1`)
  const [request] = app.requests
  assert.equal(request?.url, '/deep?x=1')
  assert.equal(request?.headers['x-forwarded-user'], alice.sub)
  // `user_id_claim = "sub"` fills the e-mail address, as in oauth2-proxy.
  assert.equal(request?.headers['x-forwarded-email'], alice.sub)
  assert.match(request?.headers['x-forwarded-access-token'] ?? '', /^[\w.-]{20,}$/)
  assert.equal(request?.headers['authorization'], undefined)
})

test('SEC-6: what a client calls itself does not reach the upstream', async (t) => {
  const provider = await startProvider(t)
  const app = await startSampleApp(t)
  const sallyport = await startFromGuide(t, provider, { upstream: app.url })
  const agent = createUserAgent()
  await signIn(agent, sallyport.url)
  const headers = {
    'X-Forwarded-User': 'mallory',
    'X-Forwarded-Access-Token': 'mallory',
    X_Forwarded_Email: 'mallory',
    'X-Forwarded-Groups': 'mallory',
    'X-Forwarded-Preferred-Username': 'mallory',
  }
  const reply = await agent.request(`${sallyport.url}/`, { headers })
  assert.equal(reply.status, 200)
  assert.doesNotMatch(JSON.stringify(app.requests), /mallory/)
})

test('an issuer that cannot be reached is a page that says so, and a line in the log', async (t) => {
  const provider = await startProvider(t)
  const issuer = `http://127.0.0.1:${await freePort()}`
  const sallyport = await startFromGuide(t, provider, { issuer })
  const page = await createUserAgent().visit(sallyport.url)
  assert.equal(page.status, 503)
  assert.match(page.body, /provider-unavailable/)
  const line = await discoveryFailure(sallyport)
  assert.equal(line['issuer'], issuer)
  assert.match(String(line['cause']), /ECONNREFUSED/)
  assertNoSecrets(sallyport, provider)
})

test('an issuer that calls itself something else is a page that says so, too', async (t) => {
  const provider = await startProvider(t)
  const issuer = provider.issuer.replace('127.0.0.1', 'localhost')
  const sallyport = await startFromGuide(t, provider, { issuer })
  const page = await createUserAgent().visit(sallyport.url)
  assert.equal(page.status, 500)
  assert.match(page.body, /issuer-mismatch/)
  const line = await discoveryFailure(sallyport)
  assert.match(String(line['cause']), new RegExp(`${issuer}.*${provider.issuer}`))
  assertNoSecrets(sallyport, provider)
})

/** Lines are written a little after the answer. */
function discoveryFailure(sallyport: RunningSallyport): Promise<LogLine> {
  return eventually(() => {
    const line = sallyport.logs().find(({ msg }) => msg === 'provider discovery failed')
    assert.ok(line)
    return line
  })
}

function assertNoSecrets(sallyport: RunningSallyport, { clientSecret }: RunningProvider): void {
  for (const secret of [clientSecret, cookieSecret]) {
    assert.ok(!sallyport.output().includes(secret))
  }
}
