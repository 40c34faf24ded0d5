import { readFileSync } from 'node:fs'
import { extname } from 'node:path'
import { html, type Html } from './html.ts'

/** What stands above the title of the sign-in page in place of our own picture. */
export interface Logo {
  /** Undefined = nothing. */
  readonly image: Html | undefined
  /** What the page's policy must let it load from; empty = nothing. */
  readonly source: string
}

const types: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
}

/**
 * `custom_sign_in_logo`: an https URL, a file that becomes part of the page, or `-` for none.
 * Undefined = our own. As an image, an SVG runs no scripts and loads nothing. Throws an Error for
 * the operator when the file cannot be used.
 */
export function loadLogo(setting: string): Logo | undefined {
  if (setting === '') return undefined
  if (setting === '-') return { image: undefined, source: '' }
  if (setting.startsWith('https://')) {
    return { image: imageAt(setting), source: new URL(setting).origin }
  }
  const type = types[extname(setting).toLowerCase()]
  if (type === undefined) {
    const known = Object.keys(types).join(', ')
    throw new Error(`custom_sign_in_logo ${setting} is none of ${known}`)
  }
  return { image: imageAt(`data:${type};base64,${read(setting)}`), source: 'data:' }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'base64')
  } catch (error) {
    throw new Error(`custom_sign_in_logo ${path} cannot be read`, { cause: error })
  }
}

function imageAt(url: string): Html {
  return html`<img class="logo" src="${url}" alt="" />`
}
