import type { Page } from 'playwright-core'
import { alice, type ProviderUser } from './provider.ts'
import type { Reply, UserAgent } from './user-agent.ts'

/** Visits the URL, fills in the provider's form and returns where that led. */
export async function signIn(
  agent: UserAgent,
  url: string,
  { email, password }: ProviderUser = alice,
): Promise<Reply> {
  return agent.submit(await agent.visit(url), { email, password })
}

/** Fills in the provider's form that the browser shows. */
export async function submitSignIn(
  page: Page,
  { email, password }: ProviderUser = alice,
): Promise<void> {
  await page.getByLabel('E-mail address').fill(email)
  await page.getByLabel('Password').fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
