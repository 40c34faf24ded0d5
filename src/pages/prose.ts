import { html, type Html } from './html.ts'

/** Values for the `{name}` placeholders of a text. */
export type Fill = Readonly<Record<string, string>>

/** Replaces each `{name}` that has a value. */
export function fill(text: string, values: Fill): string {
  return text.replace(/\{(\w+)\}/g, (placeholder, name: string) => values[name] ?? placeholder)
}

/** A text as markup: backquoted parts become `<code>`, values are never read as markup. */
export function prose(text: string, values: Fill = {}): Html {
  const parts = text.split('`').map((part, index) => {
    const filled = fill(part, values)
    return index % 2 === 1 ? html`<code>${filled}</code>` : html`${filled}`
  })
  return html`${parts}`
}
