import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createPortalUrls, type PortalOptions } from '../../../src/auth/portal-urls.ts'
import { createRedirects } from '../../../src/redirects/redirects.ts'
import { someRequest } from '../../support/sessions.ts'

const redirects = createRedirects({
  whitelist_domains: ['forms.example.com'],
  proxy_prefix: '/oauth2',
})
const urlsWith = (chosen: PortalOptions) => createPortalUrls(chosen, redirects)

const options = { redirect_url: '', proxy_prefix: '/oauth2', cookie_secure: true }
const origin = { scheme: 'http', host: 'app.example.com' } as const

test('takes a redirect_url with a host as it is', () => {
  for (const [redirect_url, expected] of [
    ['http://127.0.0.1:4180/oauth2/callback', 'http://127.0.0.1:4180/oauth2/callback'],
    ['https://auth.example.com', 'https://auth.example.com/oauth2/callback'],
    ['https://auth.example.com/', 'https://auth.example.com/oauth2/callback'],
    ['https://auth.example.com/cb', 'https://auth.example.com/cb'],
  ] as const) {
    const urls = urlsWith({ ...options, redirect_url })
    assert.equal(urls.redirectUri(origin), expected)
  }
})

test('without a host the redirect URI is on the host that the browser uses', () => {
  for (const [redirect_url, path] of [
    ['', '/oauth2/callback'],
    ['/sso/callback', '/sso/callback'],
  ] as const) {
    const urls = urlsWith({ ...options, redirect_url })
    assert.equal(urls.redirectUri(origin), `https://app.example.com${path}`)
  }
})

test('cookie_secure forces https, its absence keeps the scheme of the browser', () => {
  const urls = urlsWith({ ...options, cookie_secure: false })
  assert.equal(urls.redirectUri(origin), 'http://app.example.com/oauth2/callback')
  assert.equal(
    urls.endpoint('sign_out', { ...origin, scheme: 'https' }),
    'https://app.example.com/oauth2/sign_out',
  )
})

test('the sign-in URL keeps path and query of the request, and its host when it is another', () => {
  const uri = '/deep?x=1&y=ä%20#'
  const here = urlsWith(options).signInUrl(someRequest({ uri }))
  assert.equal(
    here,
    `https://app.example.com/oauth2/sign_in?rd=${encodeURIComponent('/deep?x=1&y=ä%20#')}`,
  )
  const elsewhere = urlsWith({
    ...options,
    redirect_url: 'https://auth.example.com/oauth2/callback',
  }).signInUrl(someRequest())
  assert.equal(
    elsewhere,
    `https://auth.example.com/oauth2/sign_in?rd=${encodeURIComponent('https://app.example.com/deep?x=1')}`,
  )
})

const portalElsewhere = {
  ...options,
  redirect_url: 'https://auth.example.com/oauth2/callback',
}

describe('a sign-in that a lost POST forced returns to', () => {
  const cases: readonly (readonly [string, string | undefined, here: string, elsewhere: string])[] =
    [
      [
        'the page with the form',
        'https://app.example.com/form?x=1',
        '/form?x=1',
        'https://app.example.com/form?x=1',
      ],
      [
        'an allowed page of another host',
        'https://forms.example.com/f',
        'https://forms.example.com/f',
        'https://forms.example.com/f',
      ],
      ['the start without a Referer', undefined, '/', 'https://app.example.com/'],
      [
        'the start for a page that is not allowed',
        'https://evil.example/',
        '/',
        'https://app.example.com/',
      ],
      [
        'the start for a page of the portal',
        'https://app.example.com/oauth2/sign_in',
        '/',
        'https://app.example.com/',
      ],
      ['the start for what is no URL', '/form', '/', 'https://app.example.com/'],
    ]
  for (const [what, referer, here, elsewhere] of cases) {
    test(what, () => {
      const request = someRequest({ method: 'POST', uri: '/save', referer, scheme: 'https' })
      assert.equal(urlsWith(options).returnTarget(request), here)
      // The app's own host is as good as whitelisted there, or no sign-in could return to it.
      const whitelisted = createPortalUrls(
        portalElsewhere,
        createRedirects({
          whitelist_domains: ['app.example.com', 'forms.example.com'],
          proxy_prefix: '/oauth2',
        }),
      )
      assert.equal(whitelisted.returnTarget(request), elsewhere)
    })
  }

  test('the start for a path that could lead elsewhere', () => {
    const referer = 'https://app.example.com//evil.example'
    const request = someRequest({ method: 'POST', scheme: 'https', referer })
    assert.equal(urlsWith(options).returnTarget(request), '/')
  })

  test('itself when it was a GET or HEAD, whatever the Referer', () => {
    for (const method of ['GET', 'HEAD', '']) {
      const request = someRequest({ method, uri: '/deep', referer: 'https://app.example.com/form' })
      assert.equal(urlsWith(options).returnTarget(request), '/deep')
    }
  })
})
