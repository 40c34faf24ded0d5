import { denyReasons, unavailableReasons } from '../../src/core/decision.ts'
import { signInFailures } from '../../src/core/sign-in-failure.ts'
import type { Page } from '../../src/core/http.ts'
import { createPages, type PageOptions } from '../../src/pages/pages.ts'

export const pageOptions: PageOptions = {
  provider_display_name: 'ZITADEL',
  proxy_prefix: '/oauth2',
  banner: '',
  footer: '',
  custom_sign_in_logo: '',
  email_domains: ['*'],
  authenticated_emails_file: '',
  show_debug_on_error: false,
}

/** Every page there is, with `text` in each place that takes a text and `url` in each link. */
export function everyPage(
  text: string,
  url: string,
  options: PageOptions = pageOptions,
): ReadonlyMap<string, Page> {
  const pages = createPages(options)
  const common = { requestId: text, user: text, retryUrl: url, signOutUrl: url }
  return new Map([
    ['sign-in', pages.signIn({ redirect: url })],
    ...signInFailures.map(
      (failure) => [failure, pages.failure({ ...common, failure, detail: text })] as const,
    ),
    ...denyReasons.map(
      (reason) => [`denied ${reason}`, pages.denied({ ...common, reason })] as const,
    ),
    ...unavailableReasons.map(
      (reason) => [reason, pages.unavailable({ ...common, reason })] as const,
    ),
    ['not found', pages.notFound(common)],
    ['upstream unavailable', pages.upstreamUnavailable(common)],
    ['signed out', pages.signedOut({ signInUrl: url })],
    ['confirm sign-out', pages.confirmSignOut({ action: url, redirect: url })],
    [
      'own sessions',
      pages.ownSessions({
        current: {
          identity: { user: text, email: text, groups: [], preferredUsername: text },
          browser: { address: text, userAgent: text },
          createdAt: 0,
        },
        others: [{ id: text, browser: { address: text, userAgent: text }, createdAt: 0 }],
        action: url,
        csrfToken: text,
        signOutUrl: url,
      }),
    ],
    ['form outdated', pages.formOutdated({ retryUrl: url })],
    ['bad request', pages.badRequest({ message: text, requestId: text })],
  ])
}
