import type { TestContext } from 'node:test'
import { chromium, type BrowserContext } from 'playwright-core'
import { requireComponent } from './components.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.localhost 127.0.0.1',
]

/** Milliseconds for one step in a browser, as long as a busy machine may take. */
export const browserTimeout = 60_000

/**
 * A fresh profile of real Chromium. Undefined when the test was skipped because this machine has
 * none.
 */
export async function openBrowser(t: TestContext): Promise<BrowserContext | undefined> {
  const executablePath = requireComponent(t, 'chromium')
  if (executablePath === undefined) return undefined
  const browser = await chromium.launch({ executablePath, args: flags, timeout: browserTimeout })
  t.after(async () => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(browserTimeout)
  return context
}
