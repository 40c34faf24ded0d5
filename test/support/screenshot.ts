// Pictures of the pages, to look at and for the README: node test/support/screenshot.ts <directory>
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Page } from '../../src/pages/layout.ts'
import { createPages } from '../../src/pages/pages.ts'
import { pageOptions } from './pages.ts'

const pages = createPages({ ...pageOptions, email_domains: ['example.com'] })
const requestId = '3b241101-e2bb-4255-8caf-4136c566a962'
const urls = { retryUrl: '/oauth2/start', signOutUrl: '/oauth2/sign_out' }
const user = 'ada@other.example'

const shots: Readonly<Record<string, Page>> = {
  'sign-in': pages.signIn({ redirect: 'https://grafana.example.com/d/abc?from=now-6h' }),
  'email-not-allowed': pages.failure({ failure: 'email-not-allowed', requestId, user, ...urls }),
  'client-rejected': pages.failure({ failure: 'client-rejected', requestId, ...urls }),
  denied: pages.denied({ reason: 'group-missing', requestId, user, ...urls }),
  unavailable: pages.unavailable({ reason: 'store-unavailable', requestId, ...urls }),
  'signed-out': pages.signedOut({ signInUrl: '/oauth2/sign_in' }),
  'confirm-sign-out': pages.confirmSignOut({ action: '/oauth2/sign_out', redirect: '/' }),
  'not-found': pages.notFound({ requestId }),
}
const screens = {
  phone: { width: 390, height: 844 },
  desktop: { width: 900, height: 680 },
}

const directory = process.argv[2] ?? 'screenshots'
await mkdir(directory, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
})
for (const [screen, viewport] of Object.entries(screens)) {
  for (const colorScheme of ['light', 'dark'] as const) {
    const tab = await browser.newPage({ viewport, colorScheme, javaScriptEnabled: false })
    for (const [name, { html }] of Object.entries(shots)) {
      await tab.setContent(html)
      if (name === 'client-rejected') await tab.locator('summary').click()
      await tab.screenshot({ path: join(directory, `${name}-${screen}-${colorScheme}.png`) })
    }
    await tab.close()
  }
}
await browser.close()
