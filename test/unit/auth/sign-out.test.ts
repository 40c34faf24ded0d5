import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test, type TestContext } from 'node:test'
import { createPortalUrls } from '../../../src/auth/portal-urls.ts'
import { createSignOut, type SignOutDeps } from '../../../src/auth/sign-out.ts'
import { Unavailable } from '../../../src/core/errors.ts'
import type { LoadedSession } from '../../../src/session/store.ts'
import { afterTest } from '../../support/cleanup.ts'
import { oneSessionStore, recordedLog, someSession } from '../../support/sessions.ts'

const request = {
  scheme: 'https',
  host: 'app.example.com',
  cookies: new Map(),
  browser: { address: '', userAgent: '' },
} as const
const options = {
  oidc_issuer_url: 'https://id.example.com',
  backend_logout_url: '',
  provider_logout: true,
  post_logout_redirect_url: '',
  provider_timeout: 2000,
}

type EndSession = Parameters<SignOutDeps['oidc']['endSessionUrl']>[0]

function signOutWith(
  changes: Partial<typeof options> = {},
  loaded: LoadedSession = { state: 'found', session: someSession() },
  publishes = true,
) {
  const sessions = oneSessionStore(loaded)
  const log = recordedLog()
  const asked: EndSession[] = []
  const signOut = createSignOut({
    options: { ...options, ...changes },
    urls: createPortalUrls(
      { redirect_url: '', proxy_prefix: '/oauth2', cookie_secure: true },
      { isAllowed: () => true },
    ),
    oidc: {
      endSessionUrl(params) {
        asked.push(params)
        return Promise.resolve(publishes ? 'https://id.example.com/end' : undefined)
      },
    },
    sessions,
    log,
  })
  return { signOut, sessions, log, asked }
}

test('ends the session here and at the provider, and comes back to the target', async () => {
  const { signOut, sessions, asked } = signOutWith()
  const result = await signOut(request, '/bye')
  assert.equal(result.location, 'https://id.example.com/end')
  assert.equal(result.session?.id, 'session-1')
  assert.deepEqual(asked, [
    { idToken: 'id-1', postLogoutRedirectUri: 'https://app.example.com/bye' },
  ])
  assert.deepEqual(sessions.held(), { state: 'none' })
  assert.deepEqual(
    result.cookies.map(({ value }) => value),
    [''],
  )
})

test('names no return URL to the provider when none was asked for', async () => {
  const { signOut, asked } = signOutWith()
  await signOut(request, undefined)
  assert.deepEqual(asked, [{ idToken: 'id-1' }])
})

test('post_logout_redirect_url is what the provider is given', async () => {
  const post_logout_redirect_url = 'https://www.example.com/'
  const { signOut, asked } = signOutWith({ post_logout_redirect_url })
  await signOut(request, '/bye')
  assert.deepEqual(asked, [{ idToken: 'id-1', postLogoutRedirectUri: post_logout_redirect_url }])
})

test('ends what the provider remembers also for who has no session here', async () => {
  const { signOut } = signOutWith({}, { state: 'none' })
  const result = await signOut(request, '/bye')
  assert.equal(result.location, 'https://id.example.com/end')
  assert.equal(result.session, undefined)
})

test('without provider logout it redirects as oauth2-proxy, or to our own page', async () => {
  const unpublished = signOutWith({}, undefined, false)
  const off = signOutWith({ provider_logout: false })
  for (const { signOut } of [unpublished, off]) {
    assert.equal((await signOut(request, '/bye')).location, '/bye')
    assert.equal(
      (await signOut(request, undefined)).location,
      'https://app.example.com/oauth2/signed_out',
    )
  }
})

test('a target with {id_token} is the logout wired by hand', async () => {
  for (const oidc_issuer_url of ['https://id.example.com', 'https://issuer.example.com']) {
    const { signOut } = signOutWith({ oidc_issuer_url })
    const target = 'https://id.example.com/logout?id_token_hint={id_token}'
    const { location } = await signOut(request, target)
    assert.equal(location, 'https://id.example.com/logout?id_token_hint=id-1')
  }
})

test('SEC-33: {id_token} in a target elsewhere gives nobody the ID token', async () => {
  for (const publishes of [true, false]) {
    const { signOut, asked } = signOutWith({}, undefined, publishes)
    for (const target of [
      'https://evil.example.com/?{id_token}',
      '/log?{id_token}',
      '/{id_token}',
    ]) {
      const { location } = await signOut(request, target)
      assert.doesNotMatch(location, /id-1/)
    }
    const returns = asked.map(({ postLogoutRedirectUri = '' }) => postLogoutRedirectUri)
    assert.doesNotMatch(returns.join(), /id-1/)
  }
})

test('an outage of the store throws: the session is not ended', async () => {
  const { signOut, sessions } = signOutWith()
  sessions.fail(new Unavailable('store', 'refused'))
  await assert.rejects(signOut(request, '/bye'), Unavailable)
})

async function startBackend(t: TestContext, status: number) {
  const urls: string[] = []
  const server = createServer((incoming, response) => {
    urls.push(incoming.url ?? '')
    response.writeHead(status).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(t, () => server.close())
  return { urls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

test('calls backend_logout_url with the ID token of the session', async (t) => {
  const { url, urls } = await startBackend(t, 200)
  const { signOut, log } = signOutWith({ backend_logout_url: `${url}/out?t={id_token}` })
  await signOut(request, '/bye')
  assert.deepEqual(urls, ['/out?t=id-1'])
  assert.deepEqual(log.lines, [])
})

test('a backend logout that fails or cannot be reached is logged, without the token', async (t) => {
  const { url } = await startBackend(t, 500)
  for (const backend of [url, 'http://127.0.0.1:1']) {
    const { signOut, sessions, log } = signOutWith({
      backend_logout_url: `${backend}/out?t={id_token}`,
    })
    await signOut(request, '/bye')
    assert.deepEqual(sessions.held(), { state: 'none' })
    assert.equal(log.lines.length, 1)
    assert.doesNotMatch(JSON.stringify(log.lines), /id-1/)
  }
})
