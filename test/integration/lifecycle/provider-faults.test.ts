import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SignInFailure } from '../../../src/core/sign-in-failure.ts'
import type { Clock } from '../../../src/lib/clock.ts'
import { failureTexts, unavailableTexts } from '../../../src/pages/texts.ts'
import { fakeClock } from '../../support/clock.ts'
import { freePort } from '../../support/process.ts'
import {
  alice,
  bob,
  signInAtProvider,
  startProvider,
  type ProviderSettings,
} from '../../support/provider.ts'
import { signIn } from '../../support/sign-in.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'
import {
  check,
  signInByHand,
  signedIn,
  startService,
  testEachSharedStore,
  type Service,
  type Settings,
} from './harness.ts'

const hour = 3_600_000

testEachSharedStore(
  'SEC-49: starts, serves and recovers without the provider',
  async (t, store) => {
    const port = await freePort()
    const clock = fakeClock(Date.now())
    const provider = await startProvider(t, { port })
    const known = await signedIn(await startService(t, provider, store, clock))
    await provider.stop()

    const service = await startService(t, provider, store, clock)
    for (const probe of ['/ping', '/ready']) {
      assert.equal((await known.request(service.at(probe))).status, 200, probe)
    }
    assert.equal((await check(known, service)).status, 202, 'who is signed in is let through')
    const agent = createUserAgent()
    const page = await agent.visit(service.at('/oauth2/start?rd=%2Fapp'))
    assert.equal(page.status, 503)
    assert.equal(page.headers['retry-after'], '5')
    assert.ok(page.body.includes(unavailableTexts['provider-unavailable'].title))
    assert.match(page.body, /href="\/oauth2\/start\?rd=%2Fapp"/)
    const line = service.logs().find(({ msg }) => msg === 'sign-in not possible now')
    assert.match(String(line?.['detail']), /ECONNREFUSED/)

    await startProvider(t, { port })
    clock.advance(2000)
    const landed = await signIn(agent, service.at('/oauth2/start?rd=%2Fapp'))
    assert.equal(landed.url, service.at('/app'))
    assert.equal((await check(agent, service)).status, 202)
  },
)

test('a provider that goes down between start and callback is 503, not a failed sign-in', async (t) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const service = await startService(t, provider, {}, clock)
  const agent = createUserAgent()
  const started = await agent.request(service.at('/oauth2/start?rd=%2Fapp'))
  const callbackUrl = await signInAtProvider(started.headers.location ?? '')
  provider.setDown(true)
  const page = await agent.visit(callbackUrl)
  assert.equal(page.status, 503)
  assert.match(page.body, /href="\/oauth2\/start\?rd=%2Fapp"/)
  provider.setDown(false)
  clock.advance(6000)
  const landed = await signIn(agent, service.at('/oauth2/start?rd=%2Fapp'))
  assert.equal(landed.url, service.at('/app'))
})

interface Refusal {
  readonly failure: SignInFailure
  readonly status: number
  readonly detail: RegExp
  readonly provider?: ProviderSettings
  readonly settings?: Settings
  readonly clock?: Clock
}

const refusals: readonly Refusal[] = [
  {
    failure: 'client-rejected',
    status: 500,
    detail: /invalid_client|status 401/,
    settings: { client_secret: 'not-the-client-secret' },
  },
  {
    failure: 'email-unverified',
    status: 403,
    detail: /email_verified/,
    provider: { users: [{ ...alice, email_verified: false }] },
  },
  {
    failure: 'email-missing',
    status: 500,
    detail: /email/,
    settings: { scope: 'openid profile' },
  },
  {
    failure: 'clock-skew',
    status: 500,
    detail: /iat is 36\d\d s/,
    clock: fakeClock(Date.now() - hour),
  },
  {
    failure: 'audience-mismatch',
    status: 500,
    detail: /sub names neither us/,
    settings: { oidc_audience_claims: ['sub'] },
  },
  {
    failure: 'claims-invalid',
    status: 500,
    detail: /control character/,
    provider: { claims: { preferred_username: 'alice\r\nx-injected: 1' } },
  },
  {
    failure: 'email-not-allowed',
    status: 403,
    detail: /policy/,
    settings: { email_domains: ['example.org'] },
  },
  {
    failure: 'group-missing',
    status: 403,
    detail: /policy/,
    settings: { allowed_groups: ['owner'] },
  },
]

for (const refusal of refusals) {
  test(`${refusal.failure} has a page and a log line of its own`, async (t) => {
    const { provider: providerSettings, settings, clock } = refusal
    const provider = await startProvider(t, providerSettings)
    const service = await startService(t, provider, settings, clock)
    const agent = createUserAgent()
    const { callbackUrl, ended } = await signInByHand(service, agent)
    assertRefused(ended, service, refusal)
    assert.equal((await check(agent, service)).status, 401)
    const { searchParams } = new URL(callbackUrl)
    const secrets = [searchParams.get('code'), searchParams.get('state'), provider.clientSecret]
    assertHides(secrets, ended, service)
  })
}

test('issuer-mismatch has a page and a log line of its own', async (t) => {
  const provider = await startProvider(t)
  const oidc_issuer_url = provider.issuer.replace('127.0.0.1', 'localhost')
  const service = await startService(t, provider, { oidc_issuer_url })
  const page = await createUserAgent().visit(service.at('/oauth2/start?rd=%2Fapp'))
  const detail = new RegExp(`${oidc_issuer_url}.*${provider.issuer}`)
  assertRefused(page, service, { failure: 'issuer-mismatch', status: 500, detail })
})

test('access-denied has a page and a log line of its own', async (t) => {
  const service = await startService(t, await startProvider(t))
  const agent = createUserAgent()
  const form = await agent.visit(service.at('/oauth2/start?rd=%2Fapp'))
  const page = await agent.submit(form, { cancel: 'yes' })
  assertRefused(page, service, { failure: 'access-denied', status: 403, detail: /access_denied/ })
  assert.match(page.body, /href="\/oauth2\/sign_out\?rd=%2Fapp"/, 'offers another account')
  assertHides([new URL(page.url).searchParams.get('state')], page, service)
})

test('provider-error has a page and a log line of its own', async (t) => {
  const service = await startService(t, await startProvider(t), { prompt: 'none' })
  const page = await createUserAgent().visit(service.at('/oauth2/start?rd=%2Fapp'))
  assertRefused(page, service, { failure: 'provider-error', status: 403, detail: /login_required/ })
  assertHides([new URL(page.url).searchParams.get('state')], page, service)
})

test('cookie-lost has a page and a log line of its own, after one silent retry', async (t) => {
  const service = await startService(t, await startProvider(t))
  const agent = createUserAgent()
  const { callbackUrl } = await signInByHand(service, agent)
  agent.cookies.delete(/^_oauth2_proxy/)
  const retried = await agent.request(callbackUrl)
  assert.equal(retried.status, 302, 'who lost the cookie starts once more')
  const second = await signInAtProvider(retried.headers.location ?? '', alice, agent)
  agent.cookies.delete(/^_oauth2_proxy/)
  const page = await agent.request(second)
  assertRefused(page, service, { failure: 'cookie-lost', status: 403, detail: /cookie/ })
  assertHides([new URL(second).searchParams.get('state')], page, service)
})

test('SEC-16: a code that was used starts a new sign-in, and again is code-rejected', async (t) => {
  const service = await startService(t, await startProvider(t))
  const agent = createUserAgent()
  const first = await replay(agent, service, service.at('/oauth2/start?rd=%2Fapp'))
  assert.equal(first.status, 302)
  const page = await replay(agent, service, first.headers.location ?? '')
  assertRefused(page, service, { failure: 'code-rejected', status: 403, detail: /invalid_grant/ })
  const landed = await signIn(createUserAgent(), service.at('/oauth2/start?rd=%2Fapp'), bob)
  assert.equal(landed.url, service.at('/app'))
})

test('the Back button onto a used callback leads on to the target', async (t) => {
  const service = await startService(t, await startProvider(t))
  const agent = createUserAgent()
  const { callbackUrl } = await signInByHand(service, agent)
  const landed = await agent.visit(callbackUrl)
  assert.equal(landed.url, service.at('/app'))
})

test('SEC-16: a callback in another browser signs nobody in there', async (t) => {
  const service = await startService(t, await startProvider(t))
  const started = await createUserAgent().request(service.at('/oauth2/start?rd=%2Fapp'))
  const callbackUrl = await signInAtProvider(started.headers.location ?? '')
  const victim = createUserAgent()
  const reply = await victim.request(callbackUrl)
  assert.equal(new URL(reply.headers.location ?? '').pathname, '/auth', 'starts its own sign-in')
  assert.equal((await check(victim, service)).status, 401)
})

/** Signs in from `startUrl`, loses the session, and sends the same callback once more. */
async function replay(agent: UserAgent, service: Service, startUrl: string): Promise<Reply> {
  const isOurs = startUrl.startsWith(service.at('/'))
  const location = isOurs ? (await agent.request(startUrl)).headers.location : startUrl
  const callbackUrl = await signInAtProvider(location ?? '', alice, agent)
  const cookie = agent.cookies.header(new URL(callbackUrl)) ?? ''
  assert.match((await agent.request(callbackUrl)).headers.location ?? '', /\/app$/)
  agent.cookies.delete(/^_oauth2_proxy$/)
  const replayed = await agent.request(callbackUrl, { headers: { cookie } })
  assertHides([new URL(callbackUrl).searchParams.get('code')], replayed, service)
  return replayed
}

function assertRefused(page: Reply, service: Service, { failure, status, detail }: Refusal): void {
  assert.equal(page.status, status, page.body)
  assert.ok(page.body.includes(`<h1>${failureTexts[failure].title}</h1>`), page.body)
  assert.ok(page.body.includes(`<code>${failure}</code>`))
  assert.match(page.body, /href="\/oauth2\/start\?rd=%2Fapp"/, 'offers to try again')
  assert.doesNotMatch(page.headers['set-cookie']?.join('\n') ?? '', /^_oauth2_proxy(?:_\d)?=/m)
  const line = service.logs().find(({ msg }) => msg === 'sign-in failed')
  assert.equal(line?.['failure'], failure)
  assert.match(String(line['detail']), detail)
  assert.ok(page.body.includes(String(line['requestId'])), 'the page names its log line')
  const audit = service.logs().find(({ msg }) => msg === 'sign-in-failed')
  assert.equal(audit?.['reason'], failure)
}

function assertHides(secrets: readonly (string | null)[], page: Reply, service: Service): void {
  for (const secret of secrets) {
    assert.ok(secret, 'the secret is known')
    assert.ok(!page.body.includes(secret), 'page')
    assert.ok(!service.logText().includes(secret), 'log')
  }
}
