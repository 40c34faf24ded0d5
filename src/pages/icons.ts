import { html, type Html } from './html.ts'

/** What kind of message a page is: sets its icon and its colour. */
export type Tone = 'welcome' | 'done' | 'attention' | 'stop' | 'wait'

const shapes: Readonly<Record<Tone, Html>> = {
  welcome: html`<path d="M4 20.5V11a8 8 0 0 1 16 0v9.5M2 20.5h20" />
    <path d="M8.5 20.5v-8.8a3.5 3.5 0 0 1 7 0v8.8" />`,
  done: html`<circle cx="12" cy="12" r="9" /><path d="m8 12.5 2.7 2.7L16 9.5" />`,
  attention: html`<path d="M12 3.5 22 20.5H2Z" /><path d="M12 10v4.5M12 17.4v.1" />`,
  stop: html`<rect x="4.5" y="10.5" width="15" height="10" rx="2" /><path
      d="M8 10.5V7.5a4 4 0 0 1 8 0v3M12 14.5v2"
    />`,
  wait: html`<circle cx="12" cy="12" r="9" /><path d="M12 7v5l3.2 2" />`,
}

export function icon(tone: Tone): Html {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shapes[tone]}</svg>`
}
