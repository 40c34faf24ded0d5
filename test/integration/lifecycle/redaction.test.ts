// SEC-33: one whole life of a session, and then a search for each of its secrets.
import assert from 'node:assert/strict'
import { createLoginStates } from '../../../src/oidc/login-state.ts'
import { parseCookies } from '../../../src/lib/cookie-header.ts'
import { fakeClock } from '../../support/clock.ts'
import { freePort } from '../../support/process.ts'
import { signInAtProvider, startProvider, type RunningProvider } from '../../support/provider.ts'
import { createUserAgent, type Reply, type UserAgent } from '../../support/user-agent.ts'
import {
  sessionOf,
  setCookies,
  startService,
  testEachSharedStore,
  type Service,
  type Settings,
} from './harness.ts'

const minute = 60_000
const cookieSecret = 'kZ7vQ1xW9eR4tY6uI8oP0aS2dF5gH3jK'
const basicPassword = 'basic-password-of-everyone'
/** In URLs of the app: links on our pages lead back there, but no log line has it. */
const appToken = 'token-in-a-link-of-the-app'

testEachSharedStore('SEC-33: no secret is in a log line or on a page', async (t, store) => {
  const provider = await startProvider(t)
  const clock = fakeClock(Date.now())
  const settings: Settings = {
    ...store,
    cookie_secret: cookieSecret,
    cookie_refresh: '10m',
    log_level: 'debug',
    show_debug_on_error: true,
    set_xauthrequest: true,
    pass_access_token: true,
    set_basic_auth: true,
    basic_auth_password: basicPassword,
    backend_logout_url: `http://127.0.0.1:${await freePort()}/?token={id_token}`,
    reverse_proxy: true,
  }
  const service = await startService(t, provider, settings, clock)
  const wrong = { ...settings, client_secret: 'not-the-client-secret' }
  const misconfigured = await startService(t, provider, wrong, clock)
  const browser = createWitness()
  const { agent, secrets } = browser

  // A sign-in that the provider refuses, because of our secret.
  await browser.callback(misconfigured)
  // A callback that nobody asked for, one that an error made, and one without a login cookie.
  const state = secretsOfUrl((await browser.start(service)).headers.location ?? '').state
  await browser.request(service.at(`/oauth2/callback?code=${'c'.repeat(40)}&state=${state}x`))
  const error = `error=server_error&error_description=not+${state}&iss=${provider.issuer}`
  await browser.request(service.at(`/oauth2/callback?${error}&state=${state}`))
  // A good one, and its callback again from a browser that has no session.
  const { callbackUrl, cookie } = await browser.callback(service)
  agent.cookies.delete(/^_oauth2_proxy/)
  await browser.request(callbackUrl, { cookie })
  await browser.request(callbackUrl)
  // The one that stays.
  await browser.callback(service)
  browser.keep(await sessionOf(agent, service))

  // Checks of each kind, with a token in the query, and a refresh: one that works, one that fails.
  async function checks(): Promise<void> {
    for (const path of ['/oauth2/auth', '/oauth2/check/traefik', '/oauth2/userinfo', '/app']) {
      const uri = `/deep?token=${appToken}`
      const forwarded = {
        'x-forwarded-method': 'GET',
        'x-forwarded-proto': 'http',
        'x-forwarded-host': new URL(service.at('/')).host,
        'x-forwarded-uri': uri,
        'x-original-url': service.at(uri),
        authorization: `Bearer ${appToken}`,
      }
      await browser.request(service.at(`${path}?token=${appToken}`), forwarded)
      await browser.request(service.at(`${path}?allowed_groups=none`), forwarded)
    }
  }
  await checks()
  clock.advance(11 * minute)
  await browser.request(service.at('/oauth2/auth'))
  browser.keep(await sessionOf(agent, service))
  const late = await browser.authorized(service)
  provider.setDown(true)
  await browser.request(late)
  clock.advance(70 * minute)
  await checks()
  provider.setDown(false)
  provider.revokeRefreshTokens()
  clock.advance(minute)
  await checks()

  // Once more, to sign out of.
  await browser.callback(service)
  browser.keep(await sessionOf(agent, service))
  await browser.request(service.at('/oauth2/sign_out?rd=/app'))
  await browser.request(service.at('/oauth2/sign_out?rd=/app'))

  const logs = service.logText() + misconfigured.logText()
  for (const message of [
    'sign-in failed',
    'refresh rejected',
    'refresh failed, session kept',
    'backend logout failed',
    'sign-in not possible now',
  ]) {
    assert.ok(logs.includes(`"${message}"`), `the life had its ${message}`)
  }
  const all = [...secrets, ...configured(provider), ...derived(secrets, service, browser)]
  assert.ok(new Set(all).size > 30)
  const seen = [logs, ...browser.pages].join('\n')
  for (const secret of all) assertAbsent(secret, seen)
  assertAbsent(appToken, logs)
})

/** A browser that keeps every secret it comes by, and every page. */
function createWitness() {
  const agent: UserAgent = createUserAgent()
  const secrets: string[] = []
  const pages: string[] = []
  const loginCookies: string[] = []

  const witness = {
    agent,
    secrets,
    pages,
    /** `name=value` of each. */
    loginCookies,
    keep({ tokens }: { readonly tokens: object }) {
      secrets.push(...(Object.values(tokens) as readonly string[]))
    },
    async request(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
      const reply = await agent.request(url, {
        headers: { accept: 'text/html', ...headers },
      })
      pages.push(reply.body)
      for (const text of setCookies(reply)) {
        const [pair = ''] = text.split(';')
        const value = pair.slice(pair.indexOf('=') + 1)
        if (value !== '') secrets.push(value)
        if (/_csrf=./.test(pair)) loginCookies.push(pair)
      }
      return reply
    },
    async start(service: Service): Promise<Reply> {
      const started = await witness.request(service.at('/oauth2/start?rd=/app'))
      const { state, nonce } = secretsOfUrl(started.headers.location ?? '')
      secrets.push(state, nonce)
      return started
    },
    /** The URL of the callback of a sign-in that the provider agreed to. */
    async authorized(service: Service): Promise<string> {
      const started = await witness.start(service)
      const callbackUrl = await signInAtProvider(started.headers.location ?? '')
      secrets.push(secretsOfUrl(callbackUrl).code)
      return callbackUrl
    },
    async callback(service: Service): Promise<{ callbackUrl: string; cookie: string }> {
      const callbackUrl = await witness.authorized(service)
      const cookie = agent.cookies.header(new URL(callbackUrl)) ?? ''
      await witness.request(callbackUrl)
      return { callbackUrl, cookie }
    },
  }
  return witness
}

function secretsOfUrl(url: string): Readonly<Record<'code' | 'state' | 'nonce', string>> {
  const { searchParams } = new URL(url)
  const find = (name: string): string => searchParams.get(name) ?? ''
  return { code: find('code'), state: find('state'), nonce: find('nonce') }
}

function configured({ clientId, clientSecret }: RunningProvider): readonly string[] {
  const credentials = Buffer.from(`${clientId}:${clientSecret}`).toString('base64')
  return [clientSecret, 'not-the-client-secret', credentials, cookieSecret, basicPassword]
}

/** Nonces and PKCE verifiers, which no browser sees. */
function derived(
  secrets: readonly string[],
  { options }: Service,
  { loginCookies }: { readonly loginCookies: readonly string[] },
): readonly string[] {
  const states = createLoginStates({ options, clock: { now: () => 0 } })
  const found = secrets.flatMap((state) => {
    const values = parseCookies(loginCookies.join('; ')).get(states.cookieName(state)) ?? []
    const login = states.match(state, values)
    return login ? [login.nonce, login.codeVerifier] : []
  })
  assert.ok(found.length >= 6, 'the verifiers are known')
  return found
}

/** As it is, or as a URL, Basic credentials or JSON would carry it. */
function assertAbsent(secret: string, text: string): void {
  if (secret === '') return
  const bytes = Buffer.from(secret)
  const spellings = [secret, encodeURIComponent(secret), bytes.toString('base64url')]
  for (const spelling of spellings) {
    const at = text.indexOf(spelling)
    assert.equal(at, -1, `${secret.slice(0, 8)}... in: ${text.slice(at - 300, at + 100)}`)
  }
}
