// The pictures of the README: node test/support/screenshot.ts
import { chromium } from 'playwright-core'
import { createPages } from '../../src/pages/pages.ts'
import { pageOptions } from './pages.ts'

const pages = createPages({ ...pageOptions, email_domains: ['example.com'] })
const requestId = '3b241101-e2bb-4255-8caf-4136c566a962'
const urls = { retryUrl: '/oauth2/start', signOutUrl: '/oauth2/sign_out' }
const user = 'ada@other.example'

const identity = { user: '1', email: 'ada@example.com', groups: [], preferredUsername: '' }
const createdAt = Date.UTC(2026, 10, 27, 8, 15)
const browserOf = (address: string, userAgent: string) => ({ address, userAgent })
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0'
const chrome = 'Mozilla/5.0 (Windows NT 10.0) Chrome/142.0.0.0 Safari/537.36'
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) Version/26.0 Safari/604.1'

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
  {
    name: 'sessions',
    page: pages.ownSessions({
      current: { identity, browser: browserOf('203.0.113.7', firefox), createdAt },
      others: [
        { id: '1', browser: browserOf('198.51.100.20', iphone), createdAt: createdAt - 9e7 },
        { id: '2', browser: browserOf('2001:db8::1234:5678', chrome), createdAt: createdAt - 3e8 },
      ],
      action: '/oauth2/sessions',
      csrfToken: '',
      signOutUrl: urls.signOutUrl,
    }),
    size: { width: 560, height: 700 },
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
