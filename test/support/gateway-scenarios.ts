// What every gateway is good for, whichever it is: one scenario each, in a real browser where a
// person takes part. test/run.ts prints gateway by scenario at the end of all tests.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test, type TestContext } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { browserTimeout, openBrowser } from './browser.ts'
import { eventually, withinASecond } from './eventually.ts'
import { foreignHeaders, forgedIdentity } from './forged-headers.ts'
import { clientOptions, startBehindGateway, type GatewaySite } from './gateway-site.ts'
import { appUrl } from './manifests.ts'
import { freePort } from './process.ts'
import { alice, bob } from './provider.ts'
import { startRedis, type RunningRedis } from './redis.ts'
import { startSallyport, type TomlValue } from './sallyport.ts'
import { signIn, submitSignIn } from './sign-in.ts'
import { createUserAgent } from './user-agent.ts'

/** A gateway and what its contract lets through. */
export interface GatewayUnderTest {
  /** The suite's name, a row of the table. */
  readonly name: string
  /** Undefined when the test was skipped. `limits` is the query of the check, `?` included. */
  start(t: TestContext, site: GatewaySite, limits: string): Promise<unknown>
  /** What Sallyport needs to be asked by this one. */
  readonly options?: Readonly<Record<string, TomlValue>>
  /** Where a browser without a session ends up by itself: at the sign-in, or before a 401. */
  readonly leadsToSignIn: boolean
  /** Status for a script without a session. */
  readonly script: 401 | 302
  /** Are Sallyport's own pages and bodies shown? */
  readonly relaysBodies: boolean
  /** Where a browser is after the sign-in that a POST forced. */
  readonly lostPost: 'the page with the form' | 'the URL of the POST'
  /** Does a cookie on an allow reach the browser? */
  readonly passesCookies: boolean
  /** What the outage of the store looks like. */
  readonly unavailable: 500 | 503
}

interface Scene {
  readonly gateway: GatewayUnderTest
  readonly site: GatewaySite
  readonly redis: RunningRedis
  readonly browser: Browser
}

const deepLink = '/deep/link?a=1&b=%20%26&c=/x'
const tabCount = 10

const scenarios: Readonly<Record<string, (scene: Scene, t: TestContext) => Promise<void>>> = {
  'sign-in, deep link': async (scene) => {
    const tab = await openApp(scene, deepLink)
    assert.ok(scene.site.sampleApp.requests.some(({ url }) => url === deepLink))
    await tab.context().close()
  },

  'identity, not forged': async ({ site }) => {
    const agent = createUserAgent()
    await signIn(agent, startUrl(site, '/'))
    const reply = await agent.request(`${site.appUrl}/who`, { headers: forgedIdentity })
    assert.equal(reply.status, 200)
    const headers = site.sampleApp.requests.at(-1)?.headers ?? {}
    assert.equal(headers['x-auth-request-user'], alice.sub)
    assert.equal(headers['x-auth-request-email'], alice.email)
    assert.equal(headers['x-auth-request-groups'], alice.groups.join(','))
    assertNoForgery(site)
  },

  'bearer token': async ({ site, gateway }, t) => {
    const authorization = await idTokenOf(site, t)
    const script = createUserAgent()
    const headers = { ...forgedIdentity, authorization }
    assert.equal((await script.request(`${site.appUrl}/by-token`, { headers })).status, 200)
    const received = site.sampleApp.requests.at(-1)?.headers ?? {}
    assert.equal(received['x-auth-request-user'], alice.sub)
    assert.equal(received['x-auth-request-groups'], alice.groups.join(','))
    assertNoForgery(site)
    const spoiled = { authorization: authorization.replace(/.{9}$/, 'AAAAAAAAA') }
    const refused = await script.request(`${site.appUrl}/by-no-token`, { headers: spoiled })
    assert.equal(refused.status, gateway.script)
    assertUnseen(site, '/by-no-token')
  },

  'forged route': async ({ site, gateway }) => {
    const agent = createUserAgent()
    const privatePath = '/private/page?a=1&b=%20%26'
    const privateUrl = `${site.appUrl}${privatePath}`
    const ledTo = async (headers: Readonly<Record<string, string>>): Promise<unknown[]> => {
      const reply = await agent.request(privateUrl, { headers: { ...headers, ...asPerson } })
      return [reply.status, withoutRandom(reply.headers.location ?? '')]
    }
    const honest = await ledTo({})
    for (const headers of foreignHeaders(site.appUrl)) {
      assert.deepEqual(await ledTo(headers), honest, JSON.stringify(headers))
      for (const path of ['/private', '/public/%2e%2e/private']) {
        const { status } = await agent.request(`${site.appUrl}${path}`, { headers })
        assert.ok(status === gateway.script || status === 403 || status === 400, `${status}`)
      }
    }
    assertUnseen(site, '/private')
    assertUnseen(site, privatePath)
    assertUnseen(site, '/public/%2e%2e/private')
    if (gateway.leadsToSignIn) {
      // Whatever was said at its start, the sign-in leads back to what was asked for.
      const lies = Object.assign({}, ...foreignHeaders(site.appUrl)) as Record<string, string>
      const begun = await agent.request(privateUrl, { headers: { ...lies, ...asPerson } })
      const landed = await signIn(agent, begun.headers.location ?? '')
      assert.equal(landed.url, privateUrl)
    }
    const skipped = await agent.request(`${site.appUrl}/public/x`, { headers: forgedIdentity })
    assert.equal(skipped.status, 200)
    assertNoForgery(site)
  },

  'script gets 401': async (scene) => {
    const tab = await openApp(scene, '/page')
    await tab.context().clearCookies({ name: sessionCookie })
    const status = await tab.evaluate(async () => {
      const reply = await fetch('/api?poll', { redirect: 'manual' })
      return reply.type === 'opaqueredirect' ? 302 : reply.status
    })
    assert.equal(status, scene.gateway.script)
    assertUnseen(scene.site, '/api?poll')
    const names = (await tab.context().cookies()).map(({ name }) => name)
    assert.deepEqual(
      names.filter((name) => /oauth2_proxy/.test(name)),
      [],
    )
    await tab.context().close()
  },

  'CORS on a 401': async ({ site, gateway }) => {
    const headers = { accept: 'application/json', origin: otherOrigin }
    const reply = await createUserAgent().request(`${site.appUrl}/api/other`, { headers })
    assert.equal(reply.status, gateway.script)
    const allowed = reply.headers['access-control-allow-origin']
    assert.equal(allowed, gateway.relaysBodies ? otherOrigin : undefined)
  },

  WebSocket: async (scene) => {
    const tab = await openApp(scene, '/page')
    const connect = async (): Promise<unknown> =>
      tab.evaluate(`new Promise((resolve) => {
        const socket = new WebSocket('/socket')
        for (const kind of ['open', 'error']) socket.addEventListener(kind, () => resolve(kind))
      })`)
    assert.equal(await connect(), 'open')
    const opened = (): number =>
      scene.site.sampleApp.requests.filter(({ url }) => url === '/socket').length
    const before = opened()
    await tab.context().clearCookies({ name: sessionCookie })
    assert.equal(await connect(), 'error')
    assert.equal(opened(), before)
    await tab.context().close()
  },

  'lost POST': async (scene) => {
    const { gateway, site } = scene
    const tab = await openApp(scene, '/form?x=1')
    await tab.context().clearCookies({ name: sessionCookie })
    await tab.evaluate(`{
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', action: '/save' })
      document.body.append(form)
      form.submit()
    }`)
    const returnsToForm = gateway.lostPost === 'the page with the form'
    await tab.waitForURL(`${site.appUrl}${returnsToForm ? '/form?x=1' : '/save'}`)
    assert.ok(!site.sampleApp.requests.some(({ method }) => method === 'POST'))
    await tab.context().close()
  },

  'renewed cookie': async ({ gateway }, t) => {
    // With the cookie store, whose session is the cookie.
    const site = await startBehindGateway(t, { cookie_refresh: '1s', ...gateway.options })
    await gateway.start(t, site, '')
    const agent = createUserAgent()
    await signIn(agent, startUrl(site, '/'))
    const tokenRequests = (): number =>
      site.provider.requests.filter((request) => request === 'POST /token').length
    const { headers } = await eventually(async () => {
      const before = tokenRequests()
      const reply = await agent.request(site.appUrl)
      assert.ok(tokenRequests() > before, 'not refreshed yet')
      return reply
    })
    const names = (headers['set-cookie'] ?? []).map((cookie) => cookie.split('=')[0])
    assert.deepEqual(names, gateway.passesCookies ? [sessionCookie] : [])
    if (gateway.passesCookies) assert.equal((await agent.request(site.appUrl)).status, 200)
  },

  'denied, way out': async (scene, t) => {
    const { gateway, site } = scene
    const port = await freePort()
    const guarded = `${appUrl({ port })}/mine`
    await gateway.start(t, { ...site, port }, '?allowed_groups=admin')
    const tab = await openApp(scene, '/', bob)
    const reply = await tab.goto(guarded)
    assert.equal(reply?.status(), 403)
    if (gateway.relaysBodies) {
      assert.match(await tab.locator('main').innerText(), /bob@example\.com/)
      await tab.getByRole('link', { name: 'Use another account' }).click()
      await confirmSignOut(tab)
    } else {
      await tab.goto(`${site.authUrl}/oauth2/sign_out`)
      await confirmSignOut(tab)
    }
    await tab.goto(startUrl(site, '/mine', port))
    await submitSignIn(tab, alice)
    await assertApp(tab, guarded)
    await tab.context().close()
  },

  'sign-out': async (scene) => {
    const { gateway, site } = scene
    const tab = await openApp(scene, '/')
    await tab.goto(`${site.authUrl}/oauth2/sign_out`)
    await confirmSignOut(tab)
    await tab.goto(`${site.appUrl}/after`)
    assertUnseen(site, '/after')
    if (gateway.leadsToSignIn) await tab.getByLabel('Password').waitFor()
    await tab.context().close()
  },

  '10 tabs, expired': async (scene) => {
    const { site, redis } = scene
    const first = await openApp(scene, '/')
    const client = await redis.client()
    await client.flushall()
    client.disconnect()
    const paths = Array.from({ length: tabCount }, (_, index) => `/tab/${index}?x=${index}`)
    await Promise.all(
      paths.map(async (path) => {
        const tab = await first.context().newPage()
        await tab.goto(scene.gateway.leadsToSignIn ? `${site.appUrl}${path}` : startUrl(site, path))
        await assertApp(tab, `${site.appUrl}${path}`)
      }),
    )
    await first.context().close()
  },

  'as documented': async ({ gateway }) => {
    const says = documentedOf(gateway.name)
    const isYes = (row: string): boolean => says(row).startsWith('yes')
    assert.equal(isYes('Scripts get 401'), gateway.script === 401)
    assert.equal(isYes("Shows Sallyport's page to who is denied"), gateway.relaysBodies)
    assert.equal(isYes('CORS headers on a 401'), gateway.relaysBodies)
    assert.ok(says('Session store down').startsWith(String(gateway.unavailable)))
    const returnsToForm = gateway.lostPost === 'the page with the form'
    assert.equal(says('After a lost POST') === 'the page before', returnsToForm)
    const passesCookies = says('A cookie of an allow reaches the browser') !== 'no'
    assert.equal(passesCookies, gateway.passesCookies)
  },

  'store down': async ({ gateway, site, redis }) => {
    const agent = createUserAgent()
    await signIn(agent, startUrl(site, '/'))
    redis.freeze()
    const headers = { accept: 'text/html' }
    const reply = await withinASecond(async () => {
      const answer = await agent.request(site.appUrl, { headers })
      assert.equal(answer.status, gateway.unavailable)
      return answer
    })
    assert.equal(reply.headers['set-cookie'], undefined)
    redis.thaw()
    await eventually(async () => {
      assert.equal((await agent.request(site.appUrl, { headers })).status, 200)
    })
  },
}

const asPerson = {
  accept: 'text/html',
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
}

/** A Location, but for what every sign-in has of its own. */
function withoutRandom(location: string): string {
  return location.replaceAll(/(?<=[?&](?:state|nonce|code_challenge)=)[^&]*/g, '')
}

const otherOrigin = 'https://spa.example.org'
const sessionCookie = '_oauth2_proxy'

/** Runs every scenario in turn before one gateway; the last takes the store away. */
export function defineScenarios(gateway: GatewayUnderTest): void {
  test(gateway.name, async (t) => {
    const scene = await setTheScene(t, gateway)
    if (!scene) return
    for (const [name, run] of Object.entries(scenarios)) {
      await t.test(name, async (subtest) => run(scene, subtest))
    }
  })
}

/** The cells of the gateway's column in the table of all. */
function documentedOf(gateway: string): (row: string) => string {
  const guide = readFileSync('docs/gateways/README.md', 'utf8')
  const [, table = ''] = guide.split('## What each can and cannot do')
  const rows = Array.from(table.matchAll(/^\|.*\|$/gm), ([line]) =>
    line.split('|').map((cell) => cell.trim()),
  )
  // Over HTTP, plain Envoy has the column of what is built on it.
  const name = gateway.replace(' (HTTP)', '')
  const column = rows[0]?.findIndex((cell) => cell.split(', ').includes(name)) ?? -1
  assert.ok(column > 0, `${gateway} has no column`)
  return (row) => rows.find((cells) => cells[1] === row)?.[column] ?? ''
}

async function setTheScene(t: TestContext, gateway: GatewayUnderTest): Promise<Scene | undefined> {
  const [redis, context] = await Promise.all([startRedis(t), openBrowser(t)])
  const browser = context?.browser()
  if (!redis || !browser) return undefined
  const site = await startBehindGateway(t, {
    session_store_type: 'redis',
    redis_connection_url: redis.url,
    skip_auth_routes: ['^/public/'],
    skip_jwt_bearer_tokens: true,
    cors_allowed_origins: [otherOrigin],
    ...gateway.options,
  })
  if ((await gateway.start(t, site, '')) === undefined) return undefined
  return { gateway, site, redis, browser }
}

/** A tab of a new profile that shows the app, signed in. */
async function openApp(scene: Scene, path: string, user = alice): Promise<Page> {
  const { gateway, site } = scene
  const context: BrowserContext = await scene.browser.newContext()
  context.setDefaultTimeout(browserTimeout)
  const tab = await context.newPage()
  await tab.goto(gateway.leadsToSignIn ? `${site.appUrl}${path}` : startUrl(site, path))
  await submitSignIn(tab, user)
  await assertApp(tab, `${site.appUrl}${path}`)
  return tab
}

/** The provider asks whether its own session shall end as well. */
async function confirmSignOut(tab: Page): Promise<void> {
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.waitForLoadState()
}

async function assertApp(tab: Page, url: string): Promise<void> {
  await tab.waitForURL(url)
  assert.equal(await tab.locator('h1').textContent(), 'Sample app')
}

/** Starts a sign-in that comes back to this path of the app, on the gateway that listens there. */
function startUrl({ authUrl, ...site }: GatewaySite, path: string, port = site.port): string {
  return `${authUrl}/oauth2/start?rd=${encodeURIComponent(`${appUrl({ port })}${path}`)}`
}

/** What a script of Alice's shows: the ID token of a sign-in elsewhere, as `Authorization`. */
async function idTokenOf({ provider }: GatewaySite, t: TestContext): Promise<string> {
  const options = { ...clientOptions(provider), set_authorization_header: true }
  const { url } = await startSallyport(t, options)
  const agent = createUserAgent()
  await signIn(agent, `${url}/oauth2/start?rd=/oauth2/userinfo`)
  const { headers } = await agent.request(`${url}/oauth2/auth`)
  assert.ok(headers.authorization)
  return headers.authorization
}

function assertUnseen({ sampleApp }: GatewaySite, path: string): void {
  assert.ok(!sampleApp.requests.some(({ url }) => url === path), path)
}

function assertNoForgery({ sampleApp }: GatewaySite): void {
  assert.doesNotMatch(JSON.stringify(sampleApp.requests.at(-1)), /mallory/)
}
