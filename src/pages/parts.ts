import { html, type Html } from './html.ts'
import { texts } from './texts.ts'

/** A way on: where to, what it says. */
export interface Action {
  readonly url: string
  readonly label: string
}

/** The first one is what most people want. */
export function actions(list: readonly Action[]): Html {
  const links = list.map(({ url, label }, index) => {
    const rank = index === 0 ? 'button primary' : 'button'
    return html`<a class="${rank}" href="${url}">${label}</a> `
  })
  return html`<p class="actions">${links}</p>`
}

export function signedInAs(user: string | undefined): Html | undefined {
  if (user === undefined || user === '') return undefined
  return html`<p class="note">
    <span class="label">${texts.signedInAs}</span> <strong>${user}</strong>
  </p>`
}

/** What the log line of this request can be found by. */
export function reference(requestId: string): Html {
  return html`<p class="label reference">${texts.reference} <code>${requestId}</code></p>`
}
