import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { chromium, type BrowserContext, type BrowserContextOptions } from 'playwright-core'
import { afterTest } from './cleanup.ts'
import { requireComponent } from './components.ts'
import { temporaryFolder } from './process.ts'

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

// Playwright's own answer to signals keeps the process, which a runner that gave it up would wait for.
const signals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false }

/** Milliseconds for one step in a browser, as long as a busy machine may take. */
export const browserTimeout = 60_000

/**
 * A fresh profile of real Chromium. Undefined when the test was skipped because this machine has
 * none.
 */
export async function openBrowser(t: TestContext): Promise<BrowserContext | undefined> {
  const executablePath = requireComponent(t, 'chromium')
  if (executablePath === undefined) return undefined
  const started = { executablePath, args: flags, timeout: browserTimeout, ...signals }
  const browser = await chromium.launch(started)
  afterTest(t, async () => browser.close())
  const context = await browser.newContext()
  context.setDefaultTimeout(browserTimeout)
  return context
}

/** A profile on disk that lets frames of other sites have their cookies. */
export async function openProfile(
  t: TestContext,
  options: Pick<BrowserContextOptions, 'ignoreHTTPSErrors'> = {},
): Promise<BrowserContext | undefined> {
  const executablePath = requireComponent(t, 'chromium')
  if (executablePath === undefined) return undefined
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'Default'))
  const preferences = { profile: { cookie_controls_mode: 0, block_third_party_cookies: false } }
  writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(preferences))
  const started = { executablePath, args: flags, timeout: browserTimeout, ...signals, ...options }
  const context = await chromium.launchPersistentContext(folder, started)
  afterTest(t, async () => context.close())
  context.setDefaultTimeout(browserTimeout)
  return context
}
