import assert from 'node:assert/strict'
import { test } from 'node:test'
import { browserTimeout, openBrowser } from '../support/browser.ts'
import { eventually } from '../support/eventually.ts'
import { startProxySite } from '../support/proxy-site.ts'
import { submitSignIn } from '../support/sign-in.ts'

test('a person signs another browser out, and then all others', async (t) => {
  const here = await openBrowser(t)
  if (!here) return
  const site = await startProxySite(t, { session_store_type: 'memory' })
  const tab = await here.newPage()
  const problems: string[] = []
  tab.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await tab.goto(`${site.url}/app`)
  await submitSignIn(tab)
  await tab.waitForURL(`${site.url}/app`)

  const others = []
  for (let count = 0; count < 3; count += 1) {
    const context = await here.browser()!.newContext()
    context.setDefaultTimeout(browserTimeout)
    const other = await context.newPage()
    await other.goto(`${site.url}/app`)
    await submitSignIn(other)
    await other.waitForURL(`${site.url}/app`)
    others.push(other)
  }

  problems.length = 0
  await tab.goto(`${site.url}/oauth2/sessions`)
  assert.equal(await tab.locator('h1').textContent(), 'Where you are signed in')
  const rows = tab.getByRole('listitem')
  assert.equal(await rows.count(), 4)
  assert.match((await rows.first().textContent()) ?? '', /Chrome on Linux\s+This browser/)
  await rows.nth(1).getByRole('button', { name: 'Sign out' }).click()
  // While the page is on its way there are no rows at all.
  await eventually(async () => {
    assert.equal(await rows.count(), 3)
  })
  await tab.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await tab.getByText('You are signed in nowhere else.').waitFor()
  assert.equal(tab.url(), `${site.url}/oauth2/sessions`)
  assert.equal(await rows.count(), 1)
  assert.deepEqual(problems, [], 'the policy of the page lets all of it happen')

  for (const other of others) {
    // The provider still knows the person: a new sign-in needs no form, and gives a new session.
    await other.context().clearCookies({ name: /^(?!_oauth2_proxy)/ })
    // What was remembered of the session counts for less than a second (SEC-30).
    await eventually(async () => {
      await other.goto(`${site.url}/app`)
      assert.equal(await other.getByLabel('Password').count(), 1, 'has to sign in again')
    })
  }
  await tab.goto(`${site.url}/app`)
  assert.equal(await tab.locator('h1').textContent(), 'Sample app')
})
