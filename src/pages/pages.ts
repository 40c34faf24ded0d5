import type { Page } from '../core/http.ts'
import type { DenyReason, UnavailableReason } from '../core/decision.ts'
import type { SignInFailure } from '../core/sign-in-failure.ts'
import { html, rawHtml, type Html } from './html.ts'
import type { Tone } from './icons.ts'
import { layout } from './layout.ts'
import { ownSessionsPage, type OwnSessionsValues } from './own-sessions.ts'
import { loadLogo } from './logo.ts'
import { actions, reference, signedInAs, type Action } from './parts.ts'
import { prose } from './prose.ts'
import { signInPage, type SignInOptions } from './sign-in.ts'
import { denyTexts, failureTexts, texts, unavailableTexts, type Explanation } from './texts.ts'

export interface PageOptions extends SignInOptions {
  /** HTML below each page, sent as it is; `-` = none, empty = our own line. */
  readonly footer: string
  /** See `loadLogo`. */
  readonly custom_sign_in_logo: string
  readonly show_debug_on_error: boolean
}

/**
 * What people see. URLs and redirects must have passed the redirect rules; every other value is
 * taken as text. Statuses and headers are the caller's.
 */
export interface Pages {
  signIn(values: { readonly redirect: string }): Page
  failure(values: FailureValues): Page
  denied(values: DeniedValues): Page
  /** Nothing is lost: a second try is all it takes. */
  unavailable(values: {
    readonly reason: UnavailableReason
    readonly requestId: string
    readonly retryUrl: string
  }): Page
  notFound(values: { readonly requestId: string }): Page
  upstreamUnavailable(values: { readonly requestId: string; readonly retryUrl: string }): Page
  signedOut(values: { readonly signInUrl: string }): Page
  /** `action` gets a POST with the field `rd`, which holds `redirect`. */
  confirmSignOut(values: { readonly action: string; readonly redirect: string }): Page
  /** Where the person is signed in. */
  ownSessions(values: OwnSessionsValues): Page
  /** A form that does not fit the session any more. */
  formOutdated(values: { readonly retryUrl: string }): Page
  tooManyRequests(values: { readonly requestId: string }): Page
  badRequest(values: { readonly message: string; readonly requestId: string }): Page
}

interface FailureValues {
  readonly failure: SignInFailure
  readonly requestId: string
  readonly retryUrl: string
  /** Where the session at the provider ends too, so that another account can be chosen. */
  readonly signOutUrl?: string | undefined
  /** Who the provider said it is. */
  readonly user?: string | undefined
  /** Shown only with `show_debug_on_error`. */
  readonly detail?: string | undefined
}

interface DeniedValues {
  readonly reason: DenyReason
  readonly requestId: string
  readonly retryUrl: string
  readonly signOutUrl: string
  readonly user?: string | undefined
}

/** Refusals of an account, where trying again with the same one leads nowhere. */
const accountRefusals: ReadonlySet<SignInFailure | DenyReason> = new Set([
  'access-denied',
  'email-missing',
  'email-unverified',
  'claims-invalid',
  'email-not-allowed',
  'group-missing',
  'query-limit',
] as const)

export function createPages(options: PageOptions): Pages {
  const footer = renderFooter(options.footer)
  const logo = loadLogo(options.custom_sign_in_logo)
  const explain = createExplain(options, footer)

  return {
    signIn: ({ redirect }) => signInPage(options, redirect, { footer, logo }),
    failure({ failure, retryUrl, signOutUrl, detail, ...values }) {
      return explain({
        ...values,
        tone: 'attention',
        explanation: failureTexts[failure],
        reason: failure,
        actions: waysOn(failure, retryUrl, signOutUrl),
        detail: options.show_debug_on_error ? detail : undefined,
      })
    },
    denied({ reason, retryUrl, signOutUrl, ...values }) {
      const ways = waysOn(reason, retryUrl, signOutUrl)
      return explain({
        ...values,
        tone: 'stop',
        explanation: denyTexts[reason],
        reason,
        actions: ways,
      })
    },
    unavailable({ reason, requestId, retryUrl }) {
      const ways = [{ url: retryUrl, label: texts.retry }]
      const explanation = unavailableTexts[reason]
      return explain({ requestId, tone: 'wait', explanation, reason, actions: ways })
    },
    notFound({ requestId }) {
      const { title, text } = texts.notFound
      const body = html`<p>${text}</p>
        ${reference(requestId)}`
      return layout({ tone: 'wait', title, body, footer })
    },
    upstreamUnavailable({ requestId, retryUrl }) {
      const { title, text } = texts.upstreamUnavailable
      const body = html`<p>${text}</p>
        ${actions([{ url: retryUrl, label: texts.retry }])} ${reference(requestId)}`
      return layout({ tone: 'wait', title, body, footer })
    },
    signedOut({ signInUrl }) {
      const { title, text } = texts.signedOut
      const body = html`<p>${text}</p>
        ${actions([{ url: signInUrl, label: texts.signInAgain }])}`
      return layout({ tone: 'done', title, body, footer })
    },
    confirmSignOut({ action, redirect }) {
      const { title, text, button } = texts.confirmSignOut
      const body = html`<p>${text}</p>
        <form class="actions" method="post" action="${action}">
          <input type="hidden" name="rd" value="${redirect}" />
          <button class="button primary">${button}</button>
        </form>`
      return layout({ tone: 'welcome', title, body, footer, forms: 'any' })
    },
    ownSessions: (values) => ownSessionsPage(values, footer),
    formOutdated({ retryUrl }) {
      const { title, text } = texts.formOutdated
      const body = html`<p>${text}</p>
        ${actions([{ url: retryUrl, label: texts.retry }])}`
      return layout({ tone: 'attention', title, body, footer })
    },
    tooManyRequests({ requestId }) {
      const { title, text } = texts.tooManyRequests
      const body = html`<p>${text}</p>
        ${reference(requestId)}`
      return layout({ tone: 'wait', title, body, footer })
    },
    badRequest({ message, requestId }) {
      const body = html`<p>${message}</p>
        ${reference(requestId)}`
      return layout({ tone: 'attention', title: texts.badRequest.title, body, footer })
    },
  }
}

interface Explained {
  readonly tone: Tone
  readonly explanation: Explanation
  readonly reason: string
  readonly requestId: string
  readonly actions: readonly Action[]
  readonly user?: string | undefined
  readonly detail?: string | undefined
}

function createExplain(options: PageOptions, footer: Html): (page: Explained) => Page {
  const provider = options.provider_display_name || texts.unnamedProvider

  return ({ tone, explanation, reason, requestId, user, detail, actions: ways }) => {
    const { title, happened, person, operator } = explanation
    const body = html`<p>${prose(happened, { provider })}</p>
      <p>${prose(person, { provider })}</p>
      ${signedInAs(user)} ${actions(ways)}
      <details>
        <summary>${texts.forOperators}</summary>
        <p>${prose(operator, { provider })}</p>
        <p>${texts.reason} <code>${reason}</code></p>
        ${detail && html`<p>${texts.detail} <code>${detail}</code></p>`}
      </details>
      ${reference(requestId)}`
    return layout({ tone, title, body, footer })
  }
}

function waysOn(
  reason: SignInFailure | DenyReason,
  retryUrl: string,
  signOutUrl: string | undefined,
): readonly Action[] {
  const retry = { url: retryUrl, label: texts.retry }
  if (signOutUrl === undefined || !accountRefusals.has(reason)) return [retry]
  return [{ url: signOutUrl, label: texts.otherAccount }, retry]
}

function renderFooter(footer: string): Html {
  if (footer === '-') return html``
  return html`<footer>
    ${footer === '' ? html`<p>${texts.defaultFooter}</p>` : rawHtml(footer)}
  </footer>`
}
