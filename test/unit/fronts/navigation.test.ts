import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { RequestHeaders } from '../../../src/core/http.ts'
import { isBackground, isNavigation } from '../../../src/fronts/navigation.ts'

const html = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const navigate = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

const cases: readonly (readonly [string, string, RequestHeaders, boolean])[] = [
  ['a followed link', 'GET', { ...navigate, accept: html }, true],
  ['a navigation whatever it accepts', 'GET', navigate, true],
  ['a form that is posted', 'POST', { ...navigate, accept: html }, true],
  ['an embedded frame', 'GET', { ...navigate, 'sec-fetch-dest': 'iframe' }, false],
  ['a navigation without a destination', 'GET', { 'sec-fetch-mode': 'navigate' }, false],
  ['a fetch', 'GET', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: html }, false],
  ['an image', 'GET', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, false],
  ['a mode without navigation', 'GET', { 'sec-fetch-mode': '', accept: html }, false],
  ['a prefetch', 'GET', { ...navigate, 'sec-purpose': 'prefetch' }, false],
  ['a prerendered page', 'GET', { ...navigate, 'sec-purpose': 'prefetch;prerender' }, false],
  ['an older prefetch', 'GET', { ...navigate, purpose: 'prefetch' }, false],
  ['a prefetch without Fetch Metadata', 'GET', { accept: html, purpose: 'Prefetch' }, false],
  ['another purpose', 'GET', { ...navigate, purpose: 'preview' }, true],
  ['an older browser', 'GET', { accept: html }, true],
  ['an older browser that asks for the head', 'HEAD', { accept: html }, true],
  ['HTML in another order and spelling', 'GET', { accept: 'image/png, Text/HTML;q=0.5' }, true],
  ['a form of an older browser', 'POST', { accept: html }, false],
  ['another method that accepts HTML', 'PUT', { accept: html }, false],
  ['XMLHttpRequest', 'GET', { accept: html, 'x-requested-with': 'XMLHttpRequest' }, false],
  [
    'XMLHttpRequest in lower case',
    'GET',
    { accept: html, 'x-requested-with': 'xmlhttprequest' },
    false,
  ],
  ['an Android app', 'GET', { accept: html, 'x-requested-with': 'com.example.app' }, true],
  ['a wildcard', 'GET', { accept: '*/*' }, false],
  ['any text', 'GET', { accept: 'text/*' }, false],
  ['a longer type', 'GET', { accept: 'text/html-fragment, x/text/html' }, false],
  ['JSON', 'GET', { accept: 'application/json' }, false],
  ['an event stream', 'GET', { accept: 'text/event-stream' }, false],
  ['nothing said', 'GET', {}, false],
  ['a WebSocket', 'GET', { ...navigate, accept: html, upgrade: 'websocket' }, false],
  ['a WebSocket by its key', 'GET', { accept: html, 'sec-websocket-key': 'x' }, false],
  ['a wish for TLS', 'GET', { accept: html, 'upgrade-insecure-requests': '1' }, true],
]

describe('may be redirected to the sign-in', () => {
  for (const [what, method, headers, expected] of cases) {
    test(`${expected ? 'yes' : 'no'}: ${what}`, () => {
      assert.equal(isNavigation(method, headers), expected)
    })
  }
})

const backgrounds: readonly (readonly [string, RequestHeaders, boolean])[] = [
  ['a followed link', navigate, false],
  ['an embedded frame', { ...navigate, 'sec-fetch-dest': 'iframe' }, false],
  ['a fetch', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, true],
  ['a part of a page', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }, true],
  ['a WebSocket', { 'sec-fetch-mode': 'websocket', upgrade: 'websocket' }, true],
  ['a prefetch', { ...navigate, 'sec-purpose': 'prefetch' }, true],
  ['no Fetch Metadata', { accept: 'application/json' }, false],
]

describe('is in the background', () => {
  for (const [what, headers, expected] of backgrounds) {
    test(`${expected ? 'yes' : 'no'}: ${what}`, () => {
      assert.equal(isBackground(headers), expected)
    })
  }
})
