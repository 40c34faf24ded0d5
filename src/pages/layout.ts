import type { Page } from '../core/http.ts'
import { sha256 } from '../lib/bytes.ts'
import { html, rawHtml, render, type Html, type HtmlValue } from './html.ts'
import { icon, type Tone } from './icons.ts'
import type { Logo } from './logo.ts'
import { style } from './style.ts'

interface PageContent {
  readonly tone: Tone
  readonly title: string
  readonly body: HtmlValue
  readonly footer: Html
  /** A script of ours; allowed by its hash. */
  readonly script?: string
  /** The page has forms, and where these may lead: to this site alone, or on to any other. */
  readonly forms?: 'self' | 'any'
  /** In place of the tone's icon. */
  readonly logo?: Logo | undefined
}

const styleElement = rawHtml(`<style>${style}</style>`)
const styleSource = `'sha256-${hash(style)}'`

/** The frame that all pages share. Nothing is loaded from anywhere but a logo that has a URL. */
export function layout({ tone, title, body, footer, script, logo, forms }: PageContent): Page {
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body class="${tone}">
        <main>
          ${logo ? logo.image : icon(tone)}
          <h1>${title}</h1>
          ${body}
        </main>
        ${footer} ${script === undefined ? undefined : rawHtml(`<script>${script}</script>`)}
      </body>
    </html> `
  const policy = [
    `default-src 'none'`,
    `style-src ${styleSource}`,
    ...(script === undefined ? [] : [`script-src 'sha256-${hash(script)}'`]),
    ...(logo === undefined || logo.source === '' ? [] : [`img-src ${logo.source}`]),
    // Browsers hold form-action against every redirect that follows the form, and a sign-out goes
    // on to the provider and wherever that leads: a page with a form cannot list its targets.
    ...(forms === 'any' ? [] : [`form-action '${forms ?? 'none'}'`]),
    `frame-ancestors 'none'`,
    `base-uri 'none'`,
  ]
  return { html: render(document), csp: policy.join('; ') }
}

function hash(text: string): string {
  return sha256(text).toString('base64')
}
