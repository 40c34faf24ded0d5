import type { Page } from '../core/http.ts'
import { html, rawHtml, type Html } from './html.ts'
import { layout } from './layout.ts'
import type { Logo } from './logo.ts'
import { actions } from './parts.ts'
import { fill } from './prose.ts'
import { texts } from './texts.ts'

export interface SignInOptions {
  /** Empty = the button says OpenID Connect. */
  readonly provider_display_name: string
  readonly proxy_prefix: string
  /**
   * HTML above the button, sent as it is; styles, scripts and images in it are not loaded. `-` =
   * none, empty = made from `email_domains`.
   */
  readonly banner: string
  readonly email_domains: readonly string[]
  readonly authenticated_emails_file: string
}

/** A fragment never reaches a server: only the browser can add it to where the sign-in leads. */
const keepFragment = `
const link = document.querySelector('main > .actions > a')
if (location.hash) {
  const url = new URL(link.href)
  url.searchParams.set('rd', url.searchParams.get('rd').split('#')[0] + location.hash)
  link.href = url.href
}
`

/**
 * The button is a link and no form: browsers hold the policy for forms against the redirect to the
 * provider, and against every redirect that follows there.
 */
export function signInPage(
  options: SignInOptions,
  redirect: string,
  { footer, logo }: { readonly footer: Html; readonly logo: Logo | undefined },
): Page {
  const { provider_display_name, proxy_prefix } = options
  const query = new URLSearchParams({ rd: redirect }).toString()
  const host = URL.parse(redirect)?.host
  const provider = provider_display_name || texts.unnamedProviderButton
  const { title, toContinue, toContinueTo, button } = texts.signIn
  return layout({
    tone: 'welcome',
    title,
    body: html`<p class="soft">
        ${host ? html`${toContinueTo} <strong>${host}</strong>` : toContinue}
      </p>
      ${banner(options)}
      ${actions([{ url: `${proxy_prefix}/start?${query}`, label: fill(button, { provider }) }])}`,
    footer,
    logo,
    script: keepFragment,
  })
}

function banner(options: SignInOptions): Html | undefined {
  if (options.banner === '-') return undefined
  if (options.banner !== '') return html`<div class="note">${rawHtml(options.banner)}</div>`
  const domains = options.email_domains
  const namesAll = options.authenticated_emails_file === '' && !domains.includes('*')
  if (!namesAll || domains.length === 0) return undefined
  const text = domains.length === 1 ? texts.signIn.oneDomain : texts.signIn.severalDomains
  return html`<p class="note">${fill(text, { domains: domains.map(showDomain).join(', ') })}</p>`
}

/** `.example.com` means subdomains, as `*.example.com` does. */
function showDomain(domain: string): string {
  return domain.startsWith('.') ? `*${domain}` : domain
}
