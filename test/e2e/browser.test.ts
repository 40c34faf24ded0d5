import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import type { BrowserContext, Page } from 'playwright-core'
import { openBrowser } from '../support/browser.ts'
import { startProxySite, type ProxySite } from '../support/proxy-site.ts'
import { bob } from '../support/provider.ts'
import type { TomlValue } from '../support/sallyport.ts'
import { submitSignIn } from '../support/sign-in.ts'

const sessionCookie = '_oauth2_proxy'
const loginCookies = /csrf/
const tabs = ['/one?a=1&b=2', '/two#there', '/three/deep', '/four?q=%2F', '/five']

async function start(
  t: TestContext,
  options: Readonly<Record<string, TomlValue>> = {},
): Promise<{ site: ProxySite; browser: BrowserContext } | undefined> {
  const browser = await openBrowser(t)
  return browser && { site: await startProxySite(t, options), browser }
}

async function assertApp(page: Page, url: string): Promise<void> {
  await page.waitForURL(url)
  assert.equal(await page.locator('h1').textContent(), 'Sample app')
}

async function signedInTab({ site, browser }: { site: ProxySite; browser: BrowserContext }) {
  const tab = await browser.newPage()
  await tab.goto(`${site.url}/first`)
  await submitSignIn(tab)
  await assertApp(tab, `${site.url}/first`)
  return tab
}

const sessionsThatAreOver = {
  'without a session': [],
  'with a session that is over': [{ name: sessionCookie, value: 'over' }],
}

for (const [state, cookies] of Object.entries(sessionsThatAreOver)) {
  test(`five tabs at once ${state} all reach their own deep link`, async (t) => {
    const started = await start(t)
    if (!started) return
    const { site, browser } = started
    await signedInTab(started)
    await browser.clearCookies({ name: sessionCookie })
    await browser.addCookies(cookies.map((cookie) => ({ ...cookie, url: site.url })))
    await Promise.all(
      tabs.map(async (path) => {
        const tab = await browser.newPage()
        await tab.goto(`${site.url}${path}`)
        await assertApp(tab, `${site.url}${path}`)
      }),
    )
  })
}

test('five tabs that all show the sign-in form reach their own deep link', async (t) => {
  const started = await start(t)
  if (!started) return
  const { site, browser } = started
  const opened = await Promise.all(
    tabs.map(async (path) => {
      const tab = await browser.newPage()
      await tab.goto(`${site.url}${path}`)
      return { tab, path }
    }),
  )
  for (const { tab, path } of opened) {
    await submitSignIn(tab)
    await assertApp(tab, `${site.url}${path}`)
  }
})

test('a tab whose login cookie is gone reaches its deep link all the same', async (t) => {
  const started = await start(t)
  if (!started) return
  const { site, browser } = started
  const tab = await browser.newPage()
  await tab.goto(`${site.url}/stale?x=1`)
  const { length } = await browser.cookies(site.url)
  assert.ok(length > 0)
  await browser.clearCookies({ name: loginCookies })
  await submitSignIn(tab)
  await assertApp(tab, `${site.url}/stale?x=1`)
})

test('a bookmark of the callback leads on, signed in or not', async (t) => {
  const started = await start(t)
  if (!started) return
  const { site, browser } = started
  const tab = await browser.newPage()
  const callback = tab.waitForRequest(/\/oauth2\/callback/)
  await tab.goto(`${site.url}/marked?x=1`)
  await submitSignIn(tab)
  await assertApp(tab, `${site.url}/marked?x=1`)
  const bookmark = (await callback).url()

  await tab.goto(bookmark)
  await assertApp(tab, `${site.url}/marked?x=1`)
  await browser.clearCookies({ name: sessionCookie })
  await tab.goto(bookmark)
  await assertApp(tab, `${site.url}/marked?x=1`)
})

test('the Back button after a sign-in leads to the app', async (t) => {
  const started = await start(t, { skip_provider_button: false })
  if (!started) return
  const { site, browser } = started
  const tab = await browser.newPage()
  await tab.goto(`${site.url}/back?x=1`)
  await tab.getByRole('link', { name: 'Sign in' }).click()
  await submitSignIn(tab)
  await assertApp(tab, `${site.url}/back?x=1`)
  // Before the app stands the provider's form, before that our sign-in page.
  await tab.goBack()
  await tab.goBack()
  await tab.reload()
  await assertApp(tab, `${site.url}/back?x=1`)
})

test('a fragment survives the sign-in page', async (t) => {
  const started = await start(t, { skip_provider_button: false })
  if (!started) return
  const { site, browser } = started
  const tab = await browser.newPage()
  await tab.goto(`${site.url}/page?x=1#part-2`)
  await tab.getByRole('link', { name: 'Sign in' }).click()
  await submitSignIn(tab)
  await assertApp(tab, `${site.url}/page?x=1#part-2`)
})

test('a browser that keeps no login cookie gets a page that explains, not a loop', async (t) => {
  const started = await start(t, { cookie_domains: ['other.localhost'] })
  if (!started) return
  const { site, browser } = started
  const tab = await browser.newPage()
  await tab.goto(site.url)
  await submitSignIn(tab)
  await tab.waitForURL(/\/oauth2\/callback/)
  await assertExplained(tab, 'cookie-lost')
})

test('a sign-out ends the session at the provider as well', async (t) => {
  const started = await start(t)
  if (!started) return
  const { site } = started
  const tab = await signedInTab(started)
  await tab.getByRole('link', { name: 'Sign out' }).click()
  await tab.getByRole('button', { name: 'Sign out' }).click()
  await tab.waitForLoadState()
  await tab.goto(`${site.url}/after`)
  await submitSignIn(tab, bob)
  await assertApp(tab, `${site.url}/after`)
  assert.match(await tab.locator('table').innerText(), new RegExp(bob.email))
})

test('a background request of an expired page gets 401, and nothing else changes', async (t) => {
  const started = await start(t)
  if (!started) return
  const { site, browser } = started
  const tab = await signedInTab(started)
  await browser.clearCookies({ name: sessionCookie })
  const status = await tab.evaluate(async () => (await fetch('/api?poll')).status)
  assert.equal(status, 401)
  const names = (await browser.cookies(site.url)).map(({ name }) => name)
  assert.deepEqual(
    names.filter((name) => loginCookies.test(name)),
    [],
  )
})

test('the pages can be looked at, in light and dark', async (t) => {
  const started = await start(t, {
    skip_provider_button: false,
    provider_display_name: 'Example Identity',
    allowed_groups: ['admin'],
  })
  if (!started) return
  const { site, browser } = started
  const problems: string[] = []
  browser.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy/.test(message.text())) {
      problems.push(message.text())
    }
  })
  const tab = await browser.newPage()
  const shoot = async (name: string): Promise<void> => {
    for (const colorScheme of ['light', 'dark'] as const) {
      await tab.emulateMedia({ colorScheme })
      const path = `test-results/${name}-${colorScheme}.png`
      await tab.screenshot({ path, animations: 'disabled' })
    }
  }
  await tab.goto(site.url)
  await shoot('sign-in')
  await tab.getByRole('link', { name: 'Sign in' }).click()
  await submitSignIn(tab, bob)
  await assertExplained(tab, 'group-missing')
  await shoot('denied')
  await tab.goto(`${site.url}/oauth2/signed_out`)
  await shoot('signed-out')
  const { url } = await startProxySite(t, { oidc_issuer_url: 'http://127.0.0.1:9' })
  await tab.goto(`${url}/oauth2/start`)
  await assertExplained(tab, 'provider-unavailable')
  await shoot('unavailable')
  assert.deepEqual(problems, [])
})

async function assertExplained(page: Page, reason: string): Promise<void> {
  assert.match((await page.locator('details').textContent()) ?? '', new RegExp(reason))
}
