import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { html, rawHtml, render } from '../../../src/pages/html.ts'

test('escapes text between tags and inside quoted attributes', () => {
  const text = `<b title="x">'&\``
  assert.equal(
    render(html`<i title="${text}">${text}</i>`),
    '<i title="&#60;b title=&#34;x&#34;&#62;&#39;&#38;&#96;">&#60;b title=&#34;x&#34;&#62;&#39;&#38;&#96;</i>',
  )
})

test('keeps markup that html or rawHtml made, alone and in lists', () => {
  const items = ['a', '<'].map((text) => html`<i>${text}</i>`)
  assert.equal(render(html`<b>${items}${rawHtml('<u>')}</b>`), '<b><i>a</i><i>&#60;</i><u></b>')
})

test('renders undefined as nothing', () => {
  assert.equal(render(html`<p>${undefined}</p>`), '<p></p>')
})

test('does not take an object from elsewhere for markup', () => {
  const fromJson = JSON.parse('{"markup":"<b>"}') as unknown
  assert.throws(() => render(fromJson as string))
})

test('leaves no character of any text that could end its place', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const rendered = render(html`${text}`)
      assert.doesNotMatch(rendered, /[<>"'`]/)
      assert.equal(
        rendered.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
        text,
      )
    }),
  )
})
