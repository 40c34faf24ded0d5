import assert from 'node:assert/strict'
import { test } from 'node:test'
import { denyReasons } from '../../../src/core/decision.ts'
import { signInFailures } from '../../../src/core/sign-in-failure.ts'
import { createPages } from '../../../src/pages/pages.ts'
import { everyPage, pageOptions } from '../../support/pages.ts'

const requestId = '7d1a'
const retryUrl = '/oauth2/start?rd=%2Fapp'
const signOutUrl = '/oauth2/sign_out'
const pages = createPages(pageOptions)

for (const [name, { html }] of everyPage('text', '/')) {
  test(`the page "${name}" has a language, a title, a heading and landmarks`, () => {
    assert.match(html, /^<!doctype html>\s*<html lang="en">/)
    assert.match(html, /<meta name="viewport" content="width=device-width, initial-scale=1" \/>/)
    const [, title] = /<title>([^<]+)<\/title>/.exec(html) ?? []
    const headings = [...html.matchAll(/<h1>([^<]+)<\/h1>/g)].map(([, text]) => text)
    assert.deepEqual(headings, [title])
    assert.match(html, /<main>[^]*<\/main>\s*<footer>[^]*<\/footer>/)
  })

  test(`the page "${name}" leaves no placeholder and no backquote`, () => {
    const [, body = ''] = html.split('<body')
    assert.doesNotMatch(body.replace(/<script>[^]*<\/script>/, ''), /\{\w+\}|`|undefined/)
  })
}

test('the sign-in button leads to start with the return URL', () => {
  const { html } = pages.signIn({ redirect: '/a?b=1&c="' })
  assert.match(html, /href="\/oauth2\/start\?rd=%2Fa%3Fb%3D1%26c%3D%22">Sign in with ZITADEL<\/a>/)
})

test('the sign-in page names the host that the person goes on to', () => {
  const { html } = pages.signIn({ redirect: 'https://grafana.example.com/d/1' })
  assert.match(html, /to continue to <strong>grafana\.example\.com<\/strong>/)
})

test('the sign-in button of a provider without a name says OpenID Connect', () => {
  const unnamed = createPages({ ...pageOptions, provider_display_name: '' })
  assert.match(unnamed.signIn({ redirect: '/' }).html, />Sign in with OpenID Connect</)
})

const banners = [
  ['a list with * says nothing', { email_domains: ['example.com', '*'] }, undefined],
  ['no domains say nothing', { email_domains: [] }, undefined],
  ['one domain is named', { email_domains: ['example.com'] }, 'Use your example.com account.'],
  [
    'several domains are named, subdomains with *',
    { email_domains: ['example.com', '.corp.example'] },
    'Use an account of one of these: example.com, *.corp.example.',
  ],
  [
    'a file of addresses silences the domains',
    { email_domains: ['example.com'], authenticated_emails_file: '/etc/emails' },
    undefined,
  ],
  [
    'a banner replaces the domains',
    { email_domains: ['a.example'], banner: '<b>Hi</b>' },
    '<b>Hi</b>',
  ],
  ['- shows no banner', { email_domains: ['example.com'], banner: '-' }, undefined],
] as const

for (const [name, options, expected] of banners) {
  test(`banner: ${name}`, () => {
    const { html } = createPages({ ...pageOptions, ...options }).signIn({ redirect: '/' })
    assert.equal(/<(?:p|div) class="note">(.*)<\/(?:p|div)>/.exec(html)?.[1], expected)
  })
}

test('the footer is ours, the operator’s HTML, or nothing', () => {
  const footerOf = (footer: string) => {
    const { html } = createPages({ ...pageOptions, footer }).notFound({ requestId })
    return /<footer>([^]*)<\/footer>/.exec(html)?.[1]?.trim()
  }
  assert.equal(footerOf(''), '<p>Secured by Sallyport</p>')
  assert.equal(footerOf('<i>ACME</i>'), '<i>ACME</i>')
  assert.equal(footerOf('-'), undefined)
})

test('each failed sign-in explains itself in its own words', () => {
  const told = signInFailures.map((failure) => {
    const { html } = pages.failure({ failure, requestId, retryUrl })
    return /<h1>[^]*?<details>/.exec(html)?.[0]
  })
  assert.equal(new Set(told).size, signInFailures.length)
})

const operatorHints = [
  ['client-rejected', 'client_secret'],
  ['clock-skew', 'clock'],
  ['issuer-mismatch', 'oidc_issuer_url'],
  ['email-not-allowed', 'email_domains'],
  ['group-missing', 'allowed_groups'],
  ['cookie-lost', 'cookie_secure'],
  ['cookie-lost', 'cookie_domains'],
  ['cookie-lost', 'cookie_secret'],
] as const

for (const [failure, hint] of operatorHints) {
  test(`the page for ${failure} tells the operator of ${hint}`, () => {
    const { html } = pages.failure({ failure, requestId, retryUrl })
    assert.match(/<details>[^]*<\/details>/.exec(html)?.[0] ?? '', new RegExp(`\\b${hint}\\b`))
  })
}

const buttons = (html: string) =>
  [...html.matchAll(/<a class="button[^"]*" href="([^"]*)"\s*>([^<]*)<\/a\s*>/g)].map(
    ([, href, label]) => [label, href],
  )
const retryButton = ['Try again', retryUrl]
const accountButton = ['Use another account', signOutUrl]

test('a refused account is offered another one first', () => {
  for (const failure of ['email-not-allowed', 'access-denied', 'group-missing'] as const) {
    const { html } = pages.failure({ failure, requestId, retryUrl, signOutUrl })
    assert.deepEqual(buttons(html), [accountButton, retryButton], failure)
  }
  const { html } = pages.denied({ reason: 'group-missing', requestId, retryUrl, signOutUrl })
  assert.deepEqual(buttons(html), [accountButton, retryButton])
})

test('a failure that is not about the account offers another try only', () => {
  for (const failure of ['client-rejected', 'clock-skew', 'cookie-lost'] as const) {
    const { html } = pages.failure({ failure, requestId, retryUrl, signOutUrl })
    assert.deepEqual(buttons(html), [retryButton], failure)
  }
})

test('a refused account without a way to sign out is offered another try', () => {
  const { html } = pages.failure({ failure: 'email-not-allowed', requestId, retryUrl })
  assert.deepEqual(buttons(html), [retryButton])
})

test('a refusal names who is signed in', () => {
  for (const reason of denyReasons) {
    const { html } = pages.denied({
      reason,
      requestId,
      retryUrl,
      signOutUrl,
      user: 'ada@a.example',
    })
    assert.match(html, /Signed in as<\/span>\s*<strong>ada@a\.example<\/strong>/)
  }
})

test('the cause of a failure is shown with show_debug_on_error only', () => {
  const failure = {
    failure: 'token-invalid',
    requestId,
    retryUrl,
    detail: 'unexpected alg',
  } as const
  const debug = createPages({ ...pageOptions, show_debug_on_error: true })
  assert.doesNotMatch(pages.failure(failure).html, /unexpected alg/)
  assert.match(debug.failure(failure).html, /<code>unexpected alg<\/code>/)
})

test('the page of an outage says that nothing is lost and offers another try', () => {
  const { html } = pages.unavailable({ reason: 'store-unavailable', requestId, retryUrl })
  assert.match(html, /Nothing is lost/)
  assert.deepEqual(buttons(html), [retryButton])
})

test('pages about a failed request show its id', () => {
  assert.match(pages.notFound({ requestId }).html, /<code>7d1a<\/code>/)
  assert.match(
    pages.badRequest({ message: 'no Host', requestId }).html,
    /no Host[^]*<code>7d1a<\/code>/,
  )
})

test('the sign-out is confirmed by a POST that keeps the return URL', () => {
  const { html } = pages.confirmSignOut({ action: '/oauth2/sign_out', redirect: '/bye' })
  assert.match(html, /<form class="actions" method="post" action="\/oauth2\/sign_out">/)
  assert.match(html, /<input type="hidden" name="rd" value="\/bye" \/>/)
})
