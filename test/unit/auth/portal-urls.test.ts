import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPortalUrls } from '../../../src/auth/portal-urls.ts'
import { someRequest } from '../../support/sessions.ts'

const options = { redirect_url: '', proxy_prefix: '/oauth2', cookie_secure: true }
const origin = { scheme: 'http', host: 'app.example.com' } as const

test('takes a redirect_url with a host as it is', () => {
  for (const [redirect_url, expected] of [
    ['http://127.0.0.1:4180/oauth2/callback', 'http://127.0.0.1:4180/oauth2/callback'],
    ['https://auth.example.com', 'https://auth.example.com/oauth2/callback'],
    ['https://auth.example.com/', 'https://auth.example.com/oauth2/callback'],
    ['https://auth.example.com/cb', 'https://auth.example.com/cb'],
  ] as const) {
    const urls = createPortalUrls({ ...options, redirect_url })
    assert.equal(urls.redirectUri(origin), expected)
  }
})

test('without a host the redirect URI is on the host that the browser uses', () => {
  for (const [redirect_url, path] of [
    ['', '/oauth2/callback'],
    ['/sso/callback', '/sso/callback'],
  ] as const) {
    const urls = createPortalUrls({ ...options, redirect_url })
    assert.equal(urls.redirectUri(origin), `https://app.example.com${path}`)
  }
})

test('cookie_secure forces https, its absence keeps the scheme of the browser', () => {
  const urls = createPortalUrls({ ...options, cookie_secure: false })
  assert.equal(urls.redirectUri(origin), 'http://app.example.com/oauth2/callback')
  assert.equal(
    urls.endpoint('sign_out', { ...origin, scheme: 'https' }),
    'https://app.example.com/oauth2/sign_out',
  )
})

test('the sign-in URL keeps path and query of the request, and its host when it is another', () => {
  const uri = '/deep?x=1&y=ä%20#'
  const here = createPortalUrls(options).signInUrl(someRequest({ uri }))
  assert.equal(
    here,
    `https://app.example.com/oauth2/sign_in?rd=${encodeURIComponent('/deep?x=1&y=ä%20#')}`,
  )
  const elsewhere = createPortalUrls({
    ...options,
    redirect_url: 'https://auth.example.com/oauth2/callback',
  }).signInUrl(someRequest())
  assert.equal(
    elsewhere,
    `https://auth.example.com/oauth2/sign_in?rd=${encodeURIComponent('https://app.example.com/deep?x=1')}`,
  )
})
