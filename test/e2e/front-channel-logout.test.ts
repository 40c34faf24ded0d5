// Front-Channel Logout as browsers live it: a frame of the provider's page, on another site.
import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { BrowserContext } from 'playwright-core'
import { browserTimeout, openBrowser, openProfile } from '../support/browser.ts'
import { selfSigned } from '../support/certificate.ts'
import { clientOptions } from '../support/gateway-site.ts'
import { startProvider } from '../support/provider.ts'
import { startSallyport, type TomlValue } from '../support/sallyport.ts'
import { startSampleApp } from '../support/sample-app.ts'
import { submitSignIn } from '../support/sign-in.ts'

/** Someone signed in, and the frame that the provider's page has for them. */
async function start(
  t: TestContext,
  browser: BrowserContext,
  settings: Readonly<Record<string, TomlValue>>,
) {
  const { certPath, keyPath } = selfSigned(t, 'app.example.localhost')
  // For the `sid` in ID tokens; nobody signs out there, so nobody is told.
  const backChannelLogoutUri = 'http://127.0.0.1:1/backchannel_logout'
  const provider = await startProvider(t, { backChannelLogoutUri })
  const app = await startSampleApp(t)
  const { port } = await startSallyport(t, {
    ...clientOptions(provider),
    upstreams: [`${app.url}/`],
    pass_authorization_header: true,
    https_address: '127.0.0.1:0',
    tls_cert_file: certPath,
    tls_key_file: keyPath,
    cookie_secure: true,
    ...settings,
  })
  const url = `https://app.example.localhost:${port}`
  const tab = await browser.newPage()
  await tab.goto(`${url}/app`)
  await submitSignIn(tab)
  await tab.waitForURL(`${url}/app`)
  const page = (await tab.textContent('body')) ?? ''
  const [, claims = ''] = /Bearer [\w-]+\.([\w-]+)\.[\w-]+/.exec(page) ?? []
  const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string }
  const query = new URLSearchParams({ iss: provider.issuer, sid })

  return {
    async framed() {
      const page = await browser.newPage()
      await page.goto(`${provider.issuer}/.well-known/openid-configuration`)
      const answered = page.waitForResponse(/frontchannel_logout/)
      const src = JSON.stringify(`${url}/oauth2/frontchannel_logout?${query.toString()}`)
      await page.evaluate(
        `document.body.append(Object.assign(document.createElement('iframe'), { src: ${src} }))`,
      )
      const response = await answered
      assert.equal(response.status(), 200)
      await response.finished()
      const frame = page.frames().find((other) => other.url().includes('frontchannel_logout'))
      assert.equal(await frame?.title(), 'Signed out', 'the policy lets the provider frame it')
      return (await response.request().allHeaders())['cookie']
    },
    async isSignedIn() {
      const reply = await tab.goto(`${url}/oauth2/auth`)
      return reply?.status() === 202
    },
  }
}

/** A profile that blocks the cookies of other sites, as Safari does and Firefox with its own. */
async function openBlocking(t: TestContext): Promise<BrowserContext | undefined> {
  const opened = await openBrowser(t)
  const context = await opened?.browser()?.newContext({ ignoreHTTPSErrors: true })
  context?.setDefaultTimeout(browserTimeout)
  return context
}

test('a frame without cookies ends a session that is kept on the server', async (t) => {
  const browser = await openBlocking(t)
  if (!browser) return
  const site = await start(t, browser, { session_store_type: 'memory' })
  assert.ok(!(await site.framed())?.includes('_oauth2_proxy='), 'it comes without the cookie')
  assert.equal(await site.isSignedIn(), false)
})

for (const [title, open, cookie_samesite, isEnded] of [
  ['SameSite=Lax', openProfile, '', false],
  ['SameSite=None where cookies of other sites are blocked', openBlocking, 'none', false],
  ['SameSite=None', openProfile, 'none', true],
] as const) {
  test(`a sealed cookie with ${title} ${isEnded ? 'ends' : 'outlives the frame'}`, async (t) => {
    const browser = await open(t, { ignoreHTTPSErrors: true })
    if (!browser) return
    const site = await start(t, browser, { session_store_type: 'cookie', cookie_samesite })
    const shown = (await site.framed()) ?? ''
    assert.equal(shown.includes('_oauth2_proxy='), isEnded)
    assert.equal(await site.isSignedIn(), !isEnded)
  })
}
