import type { Page } from '../core/http.ts'
import type { Browser, Session } from '../core/session.ts'
import { browserName } from './browser-name.ts'
import { html, type Html } from './html.ts'
import { layout } from './layout.ts'
import { signedInAs } from './parts.ts'
import { fill } from './prose.ts'
import { texts } from './texts.ts'

/** What is shown of a session in another browser. */
export interface OtherSession {
  readonly id: string
  readonly browser: Browser
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface OwnSessionsValues {
  readonly current: Pick<Session, 'identity' | 'browser' | 'createdAt'>
  /** Undefined = not known. */
  readonly others: readonly OtherSession[] | undefined
  /** Gets a POST with `csrf` and, for one session, its `id`. */
  readonly action: string
  readonly csrfToken: string
  readonly signOutUrl: string
}

/** More would be no list that anyone reads. */
const shownLimit = 50

export function ownSessionsPage(values: OwnSessionsValues, footer: Html): Page {
  const { current, others, signOutUrl } = values
  const { identity } = current
  const t = texts.ownSessions
  const hidden = (others?.length ?? 0) - shownLimit
  const body = html`${signedInAs(identity.email || identity.preferredUsername || identity.user)}
    <ul class="sessions">
      <li>
        ${described(current, t.thisBrowser)}
        <a class="button small" href="${signOutUrl}">${t.signOut}</a>
      </li>
      ${(others ?? []).slice(0, shownLimit).map(
        (other) =>
          html`<li>
            ${described(other)}
            <form method="post" action="${values.action}">
              ${token(values)}<input type="hidden" name="id" value="${other.id}" />
              <button class="button small">${t.signOut}</button>
            </form>
          </li>`,
      )}
    </ul>
    ${hidden > 0 ? html`<p class="soft">${fill(t.more, { count: String(hidden) })}</p>` : undefined}
    ${others === undefined ? html`<p class="soft">${t.notListed}</p>` : undefined}
    ${others?.length === 0 ? html`<p class="soft">${t.noOthers}</p>` : undefined}
    ${(others?.length ?? 0) > 0 ? everywhereElse(values) : undefined}`
  return layout({ tone: 'welcome', title: t.title, body, footer, forms: 'self' })
}

function everywhereElse(values: OwnSessionsValues): Html {
  return html`<form class="actions" method="post" action="${values.action}">
    ${token(values)}<button class="button primary">${texts.ownSessions.everywhereElse}</button>
  </form>`
}

function token({ csrfToken }: OwnSessionsValues): Html {
  return html`<input type="hidden" name="csrf" value="${csrfToken}" />`
}

function described(session: Omit<OtherSession, 'id'>, badge?: string): Html {
  const { browser, createdAt } = session
  const t = texts.ownSessions
  const iso = new Date(createdAt).toISOString()
  const since = `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`
  return html`<p>
    <strong>${browserName(browser.userAgent) ?? t.unknownBrowser}</strong>
    ${badge === undefined ? undefined : html`<span class="badge">${badge}</span>`}
    ${browser.address === '' ? undefined : html`<span class="label">${browser.address}</span>`}
    <span class="label"><time datetime="${iso}">${since}</time></span>
  </p>`
}
