// The pictures of the README: node test/support/screenshot.ts
import { chromium } from 'playwright-core'
import { createPages } from '../../src/pages/pages.ts'
import { pageOptions } from './pages.ts'

const pages = createPages({ ...pageOptions, email_domains: ['example.com'] })
const requestId = '3b241101-e2bb-4255-8caf-4136c566a962'
const urls = { retryUrl: '/oauth2/start', signOutUrl: '/oauth2/sign_out' }
const user = 'ada@other.example'

const shots = [
  {
    name: 'sign-in',
    page: pages.signIn({ redirect: 'https://grafana.example.com/' }),
    size: { width: 560, height: 440 },
    colorScheme: 'light',
  },
  {
    name: 'no-access',
    page: pages.failure({ failure: 'email-not-allowed', requestId, user, ...urls }),
    size: { width: 520, height: 740 },
    colorScheme: 'dark',
  },
  {
    name: 'client-rejected',
    page: pages.failure({ failure: 'client-rejected', requestId, ...urls }),
    size: { width: 520, height: 760 },
    colorScheme: 'light',
  },
] as const

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
})
for (const { name, page, size, colorScheme } of shots) {
  const tab = await browser.newPage({ viewport: size, colorScheme, javaScriptEnabled: false })
  await tab.setContent(page.html)
  if (name === 'client-rejected') await tab.locator('summary').click()
  const path = new URL(`../../docs/images/${name}.png`, import.meta.url).pathname
  await tab.screenshot({ path })
}
await browser.close()
