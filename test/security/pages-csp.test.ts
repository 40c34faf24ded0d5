import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { everyPage } from '../support/pages.ts'

function hashesOf(html: string, element: 'style' | 'script'): readonly string[] {
  const contents = html.matchAll(new RegExp(`<${element}>([^]*?)</${element}>`, 'g'))
  return [...contents].map(
    ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
  )
}

function directives(csp: string): ReadonlyMap<string, string> {
  return new Map(
    csp.split('; ').map((directive) => {
      const [name = '', ...values] = directive.split(' ')
      return [name, values.join(' ')] as const
    }),
  )
}

for (const [name, { html, csp }] of everyPage('text', '/')) {
  test(`SEC-34: the policy of the page "${name}" allows its own style and script and nothing else`, () => {
    const policy = directives(csp)
    assert.equal(policy.get('default-src'), `'none'`)
    assert.equal(policy.get('base-uri'), `'none'`)
    assert.equal(policy.get('frame-ancestors'), `'none'`)
    assert.deepEqual([policy.get('style-src')], hashesOf(html, 'style'))
    const script = policy.get('script-src')
    assert.deepEqual(script === undefined ? [] : [script], hashesOf(html, 'script'))
    assert.doesNotMatch(csp, /unsafe|nonce|\*|http|data:/)
  })

  test(`SEC-34: the page "${name}" loads nothing and has no inline handler or style`, () => {
    assert.doesNotMatch(html, /<(link|img|iframe|object|embed|base)\b|\ssrc=|@import|\burl\(/)
    assert.doesNotMatch(html, /<[^>]+\s(?:on\w+|style)=/i)
  })
}

/** Where the forms of a page may lead; a page that is not named has none. */
const formTargets: Readonly<Record<string, string | undefined>> = {
  'own sessions': `'self'`,
  // On to the provider, and wherever that leads.
  'confirm sign-out': undefined,
}

test('SEC-34: only the sign-in page has a script, and only pages with forms may submit them', () => {
  for (const [name, { csp, html }] of everyPage('text', '/')) {
    const policy = directives(csp)
    const hasForm = Object.hasOwn(formTargets, name)
    assert.equal(policy.has('script-src'), name === 'sign-in', name)
    assert.equal(policy.get('form-action'), hasForm ? formTargets[name] : `'none'`, name)
    assert.equal(html.includes('<form'), hasForm, name)
  }
})
