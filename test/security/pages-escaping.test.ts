import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { everyPage, pageOptions } from '../support/pages.ts'

const attribute = String.raw`\s+[a-z-]+(?:="[^"<>]*")?`
const tagPattern = new RegExp(String.raw`<(?:!doctype|/?[a-z0-9]+)(?:${attribute})*\s*/?>`, 'gi')

/** The tags with their attributes' names; fails when a `<`, `>` or stray `&` is in between. */
function skeleton(html: string): readonly string[] {
  const markup = html.replace(/<(style|script)>[^]*?<\/\1>/g, '')
  assert.doesNotMatch(markup.replace(tagPattern, ''), /[<>]|&(?!#\d+;)/)
  return [...markup.matchAll(tagPattern)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'))
}

const options = { ...pageOptions, show_debug_on_error: true }
const benign = new Map(
  [...everyPage('text', '/', options)].map(([name, { html }]) => [name, skeleton(html)]),
)

const attacks = fc.oneof(
  fc.string({ unit: 'binary', minLength: 1 }),
  fc.constantFrom(
    '</title><script>alert(1)</script>',
    `"><img src=x onerror=alert(1)>`,
    `' autofocus onfocus='alert(1)`,
    '</style><svg onload=alert(1)>',
    '<!--',
    '&lt;script&gt;',
    '`{provider}`',
  ),
)

test('SEC-26, SEC-34: no text and no URL changes the structure of a page', () => {
  fc.assert(
    fc.property(attacks, (attack) => {
      for (const [name, { html }] of everyPage(attack, `/${attack}`, options)) {
        assert.deepEqual(skeleton(html), benign.get(name), name)
      }
    }),
    { numRuns: 60 },
  )
})

test('SEC-26: the name of the provider and the domains are text too', () => {
  fc.assert(
    fc.property(attacks, (attack) => {
      const named = {
        ...options,
        provider_display_name: `x${attack}`,
        email_domains: [`x${attack}`],
      }
      const page = everyPage('text', '/', named).get('sign-in')
      const plain = everyPage('text', '/', { ...options, email_domains: ['x'] }).get('sign-in')
      if (attack.includes('*')) return
      assert.deepEqual(skeleton(page?.html ?? ''), skeleton(plain?.html ?? ''))
    }),
    { numRuns: 60 },
  )
})

test('SEC-9: the host that the sign-in page names is the one a browser would go to', () => {
  const shown = (redirect: string) =>
    /<strong>([^<]*)<\/strong>/.exec(everyPage('', redirect).get('sign-in')?.html ?? '')?.[1]
  assert.equal(shown('https://app.example.com@evil.example/'), 'evil.example')
  assert.equal(shown('https:\\\\evil.example\\app.example.com'), 'evil.example')
  assert.equal(shown('https://\u0430pp.example.com/'), 'xn--pp-6kc.example.com')
  assert.equal(shown('javascript:alert(1)'), undefined)
})
