import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createPages } from '../../../src/pages/pages.ts'
import { pageOptions } from '../../support/pages.ts'
import { temporaryFolder } from '../../support/process.ts'

const signIn = (custom_sign_in_logo: string) =>
  createPages({ ...pageOptions, custom_sign_in_logo }).signIn({ redirect: '/' })

test('a file becomes part of the page, which loads nothing else', (t) => {
  const path = join(temporaryFolder(t), 'logo.SVG')
  writeFileSync(path, '<svg onload="alert(1)"/>')
  const { html, csp } = signIn(path)
  const data = Buffer.from('<svg onload="alert(1)"/>').toString('base64')
  assert.ok(html.includes(`<img class="logo" src="data:image/svg+xml;base64,${data}" alt="" />`))
  assert.ok(!html.includes('onload'))
  assert.match(csp, /; img-src data:;/)
  assert.match(csp, /^default-src 'none'/)
})

test('an https URL is loaded from its own origin alone', () => {
  const { html, csp } = signIn('https://cdn.example.com/a/logo.png?x="y"')
  assert.ok(html.includes('src="https://cdn.example.com/a/logo.png?x=&#34;y&#34;"'))
  assert.match(csp, /; img-src https:\/\/cdn\.example\.com;/)
})

test('without a logo there is no picture, or our own', () => {
  assert.doesNotMatch(signIn('-').html, /<img|<svg/)
  assert.match(signIn('').html, /<svg class="icon"/)
  for (const setting of ['-', '']) assert.doesNotMatch(signIn(setting).csp, /img-src/)
})

test('only the sign-in page has it', () => {
  const pages = createPages({
    ...pageOptions,
    custom_sign_in_logo: 'https://cdn.example.com/l.png',
  })
  assert.doesNotMatch(pages.notFound({ requestId: 'x' }).csp, /img-src/)
})

test('a file of another kind, and one that is not there, are refused', () => {
  assert.throws(() => signIn('/etc/logo.gif'), /custom_sign_in_logo .* is none of \.svg/)
  assert.throws(() => signIn('http://example.com/logo'), /is none of/)
  assert.throws(() => signIn('/nowhere/logo.png'), /custom_sign_in_logo .* cannot be read/)
})
