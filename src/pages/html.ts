const markup = Symbol('markup')

/** Markup that is safe to send: made by `html`, or vouched for by `rawHtml`. */
export interface Html {
  readonly [markup]: string
}

/** Text is escaped, markup is not, a list is joined, undefined is nothing. */
export type HtmlValue = string | Html | readonly Html[] | undefined

/**
 * Escapes every value by construction: there is no way to text in a page but this one. Values may
 * stand between tags and inside quoted attributes, nowhere else.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return rawHtml(String.raw({ raw: strings }, ...values.map(render)))
}

/** Markup from a trusted author: our own constants and what the operator configured as HTML. */
export function rawHtml(text: string): Html {
  return { [markup]: text }
}

export function render(value: HtmlValue): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value.replace(special, (char) => `&#${char.charCodeAt(0)};`)
  return markup in value ? value[markup] : value.map(render).join('')
}

const special = /[&<>"'`]/g
